/**
 * What was released when, in days after the history begins. Two releases went wrong, as releases
 * do: 2.0.0 builds slowly on Windows, 2.1.0 forgot an entry of its package's `exports`.
 */
export interface Release {
  version: string;
  day: number;
  /** Mends the one before, and so is taken up sooner. */
  isFix?: true;
  /** Only who asks for it gets it. */
  isPrerelease?: true;
  /** What it makes of a build's time on a platform. */
  slowness?: { platform: string; factor: number };
  /** The share of its builds that fail in a way that no other release's do. */
  breakage?: { share: number; errorPhase: string; errorType: string };
}

export const releases: readonly Release[] = [
  { version: "1.6.2", day: -120 },
  { version: "1.7.0", day: -75 },
  { version: "1.8.0", day: -38 },
  { version: "1.8.1", day: -21, isFix: true },
  { version: "1.9.0", day: 4 },
  { version: "2.0.0-beta.1", day: 12, isPrerelease: true },
  { version: "2.0.0", day: 25, slowness: { platform: "win32", factor: 1.4 } },
  { version: "2.0.1", day: 41, isFix: true },
  {
    version: "2.1.0",
    day: 57,
    breakage: {
      share: 0.24,
      errorPhase: "resolve",
      errorType: "ERR_PACKAGE_PATH_NOT_EXPORTED",
    },
  },
  { version: "2.1.1", day: 63, isFix: true },
  { version: "2.2.0", day: 78 },
];

/** How somebody takes up new versions. */
export interface Habit {
  /** Days from a release until they have it. */
  lag: number;
  /** They stay with what they had when they began. */
  isPinned: boolean;
  takesPrereleases: boolean;
}

/** @param since the day they began, on which they took the newest. */
export function releaseOn(day: number, { lag, isPinned, takesPrereleases }: Habit, since: number) {
  const until = isPinned ? Math.min(day, since) : day;
  const has = ({ day: released, isFix, isPrerelease }: Release) => {
    if (isPrerelease && !takesPrereleases) return false;
    const wait = isFix ? lag * 0.3 : lag;
    return released + wait <= until || (released <= since && since <= until);
  };
  return releases.findLast(has) ?? (releases[0] as Release);
}

/** Lines of Node.js: their share at the beginning and at the end, and their last versions. */
interface NodeLine {
  line: number;
  from: number;
  to: number;
  versions: readonly { version: string; day: number }[];
}

const nodeLines: readonly NodeLine[] = [
  { line: 18, from: 0.06, to: 0.03, versions: [{ version: "18.20.8", day: -300 }] },
  {
    line: 20,
    from: 0.36,
    to: 0.21,
    versions: [
      { version: "20.19.5", day: -60 },
      { version: "20.19.6", day: 20 },
    ],
  },
  {
    line: 22,
    from: 0.42,
    to: 0.4,
    versions: [
      { version: "22.20.0", day: -40 },
      { version: "22.21.0", day: 15 },
      { version: "22.21.1", day: 52 },
    ],
  },
  {
    line: 24,
    from: 0.14,
    to: 0.31,
    versions: [
      { version: "24.9.0", day: -30 },
      { version: "24.10.0", day: 18 },
      { version: "24.11.1", day: 60 },
    ],
  },
  { line: 25, from: 0.02, to: 0.05, versions: [{ version: "25.2.0", day: -10 }] },
];

/**
 * @param rank from 0 to 1, the same for one installation all the time: how far behind it is. As
 * shares move on, those next in line go over to a newer Node.js.
 */
export function nodeVersionOn(day: number, days: number, rank: number, lag: number): string {
  const progress = Math.min(1, Math.max(0, day / days));
  let sum = 0;
  const line =
    nodeLines.find(({ from, to }) => {
      sum += from + (to - from) * progress;
      return rank < sum;
    }) ?? (nodeLines.at(-1) as NodeLine);
  const [oldest] = line.versions;
  return (line.versions.findLast(({ day: out }) => out + lag <= day) ?? oldest)?.version ?? "";
}
