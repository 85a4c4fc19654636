import type { Calendar } from "./calendar.ts";
import { createInstallation, type Installation } from "./installation.ts";
import { createRandom, type Random } from "./random.ts";

/** All installations of a history, made when they are first needed. */
export interface People {
  /** How many do on a day. */
  beginning(day: number): number;
  whoBegin(day: number): Iterable<Installation>;
  /** One of those that are there: some build all day long, most now and then. */
  whoBuilds(day: number, random: Random): Installation;
}

/** Of a day's builds those of newcomers: most at first, when everybody is new to the history. */
const newcomers = { atFirst: 0.9, later: 0.3, days: 25 };

export function createPeople(seed: number, count: number, calendar: Calendar): People {
  const { days, upTo } = calendar;
  const { atFirst, later } = newcomers;
  let builds = 0;
  const shares = Array.from({ length: days }, (_, day) => {
    const isNew = later + (atFirst - later) * Math.exp(-day / newcomers.days);
    builds += (upTo(day) - upTo(day - 1)) * isNew;
    return builds;
  });
  /** How many have begun by the end of a day: they are numbered in this order. */
  const begun = shares.map((share) => Math.round((count * share) / builds));
  const busy = createRandom(seed, -3);
  let sum = 0;
  const sums = Float64Array.from({ length: count }, () => {
    sum += busy.logNormal(1, 1.25);
    return sum;
  });
  const made: Installation[] = [];

  function installation(number: number): Installation {
    made[number] ??= createInstallation(
      seed,
      number,
      begun.findIndex((upTo) => number < upTo),
    );
    return made[number];
  }

  return {
    beginning: (day) => (begun[day] as number) - (begun[day - 1] ?? 0),
    *whoBegin(day) {
      for (let n = begun[day - 1] ?? 0; n < (begun[day] as number); n++) yield installation(n);
    },
    whoBuilds(day, random) {
      const all = sums[(begun[day] as number) - 1] as number;
      let somebody = installation(firstAbove(sums, random.share() * all));
      // Whoever has given it up doesn't build; somebody else does.
      for (let tries = 0; somebody.until < day && tries < 8; tries++) {
        somebody = installation(firstAbove(sums, random.share() * all));
      }
      return somebody;
    },
  };
}

function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
