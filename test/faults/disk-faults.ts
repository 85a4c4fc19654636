import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fixture } from "../e2e/harness.ts";

/** The places of one home, and where something else may lie. */
export interface Disk {
  /** What the others are in. */
  root: string;
  preferences: string;
  /** The product's own in the folder of all states. */
  state: string;
  spool: string;
  /** A folder outside of all that. */
  elsewhere: string;
}

export interface DiskFault {
  name: string;
  /** Why it can't be produced here. */
  missing?: string | undefined;
  /** Whether builds meanwhile are recorded. */
  records: boolean;
  /** On a machine that has never run the product; otherwise one batch waits there. */
  isFirstRun?: boolean;
  /** As whom builds run. */
  uid?: number | undefined;
  begin(disk: Disk): void;
  /** Makes it good again; without it, it has to become so by itself. */
  end?(disk: Disk): void;
}

const isRoot = process.getuid?.() === 0;
/** Nobody's on every Unix. */
const nobody = 65534;

export const needsMount = isLinuxRootThatMounts()
  ? undefined
  : "Linux, root and the right to mount";
/** Root may write everything, and so has builds run as somebody else. */
const uid = isRoot ? nobody : undefined;
const needsUser = canRunAs(uid) ? undefined : "POSIX, and a checkout that everybody may read";
const needsPipes = spawnSync("mkfifo", ["--help"]).error ? "mkfifo" : undefined;

export const faults: DiskFault[] = [
  ...full(),
  ...readOnly(),
  ...noPermission(),
  ...otherShapes(),
  ...corrupt(),
  ...pipes(),
];

function full(): DiskFault[] {
  const fill = (folder: string) => {
    // Until not even a small one fits in.
    spawnSync("sh", ["-c", 'cat /dev/zero > "$0/zeros"', folder], { stdio: "ignore" });
  };
  return [
    {
      name: "a full disk below the state",
      missing: needsMount,
      records: false,
      begin({ state }) {
        mountOver(state, "size=64k");
        fill(state);
      },
      end: ({ state }) => rmSync(path.join(state, "zeros")),
    },
    {
      name: "a full disk below the preferences, on the first run",
      missing: needsMount,
      records: false,
      isFirstRun: true,
      begin({ preferences }) {
        mountOver(path.dirname(preferences), "size=64k");
        fill(path.dirname(preferences));
      },
      end: ({ preferences }) => rmSync(path.join(path.dirname(preferences), "zeros")),
    },
    {
      name: "a disk without room for another file",
      missing: needsMount,
      records: false,
      begin({ state }) {
        mountOver(state, "nr_inodes=64");
        try {
          for (let i = 0; ; i++) writeFileSync(path.join(state, `filler-${i}`), "");
        } catch {
          // None is left.
        }
      },
      end({ state }) {
        for (const name of readdirSync(state)) {
          if (name.startsWith("filler-")) rmSync(path.join(state, name));
        }
      },
    },
  ];
}

function readOnly(): DiskFault[] {
  const remount = (options: string) => (folder: string) =>
    mount("-o", `remount,${options}`, folder);
  return [
    {
      name: "a read-only state",
      missing: needsMount,
      records: false,
      begin({ state }) {
        mountOver(state, "size=1m");
        remount("ro")(state);
      },
      end: ({ state }) => remount("rw")(state),
    },
    {
      name: "read-only preferences, which are there",
      missing: needsMount,
      records: true,
      begin({ preferences }) {
        mountOver(path.dirname(preferences), "size=1m");
        remount("ro")(path.dirname(preferences));
      },
    },
    {
      name: "a read-only folder for preferences, on the first run",
      missing: needsMount,
      records: false,
      isFirstRun: true,
      begin({ preferences }) {
        mountOver(path.dirname(preferences), "size=1m");
        remount("ro")(path.dirname(preferences));
      },
      end: ({ preferences }) => remount("rw")(path.dirname(preferences)),
    },
  ];
}

function noPermission(): DiskFault[] {
  const closed = (
    name: string,
    folder: (disk: Disk) => string,
    mode: number,
    more: Partial<DiskFault> = {},
  ): DiskFault => ({
    name,
    missing: needsUser,
    records: false,
    uid,
    begin: (disk) => chmodSync(folder(disk), mode),
    end: (disk) => chmodSync(folder(disk), 0o700),
    ...more,
  });
  const config = ({ preferences }: Disk) => path.dirname(preferences);
  return [
    closed("a state that may not be written", ({ state }) => state, 0o500),
    closed("a state that may not be opened", ({ state }) => state, 0o000),
    closed("a spool that may not be written", ({ spool }) => spool, 0o500),
    closed("a spool that may not be opened", ({ spool }) => spool, 0o000),
    closed("a folder for preferences that may not be opened", config, 0o000),
    closed("preferences that may not be read", ({ preferences }) => preferences, 0o000, {
      end: ({ preferences }) => chmodSync(preferences, 0o600),
    }),
    closed("a home that may not be written, on the first run", ({ root }) => root, 0o500, {
      isFirstRun: true,
    }),
    {
      name: "a batch of root's in one's own spool",
      missing: isRoot ? needsUser : "root",
      records: true,
      uid,
      begin({ spool }) {
        const past = Date.now() / 1000 - 11 * 60;
        for (const name of readdirSync(spool)) {
          execFileSync("chown", ["0:0", path.join(spool, name)]);
          utimesSync(path.join(spool, name), past, past);
        }
      },
      end({ spool }) {
        for (const name of readdirSync(spool)) {
          execFileSync("chown", [`${nobody}:${nobody}`, path.join(spool, name)]);
        }
      },
    },
  ];
}

/** Something else in the place of a file or a folder. */
function otherShapes(): DiskFault[] {
  const instead = (
    name: string,
    place: (disk: Disk) => string,
    put: (file: string, disk: Disk) => void,
    records = false,
  ): DiskFault => ({
    name,
    records,
    begin(disk) {
      const file = place(disk);
      mkdirSync(path.dirname(file), { recursive: true });
      if (existsSync(file)) renameSync(file, `${file}.aside`);
      put(file, disk);
    },
    end(disk) {
      const file = place(disk);
      rmSync(file, { recursive: true, force: true });
      if (existsSync(`${file}.aside`)) renameSync(`${file}.aside`, file);
    },
  });
  const asFile = (file: string) => writeFileSync(file, "a file\n");
  const asFolder = (file: string) => mkdirSync(file);
  const asLink = (file: string, { elsewhere }: Disk) => symlinkSync(elsewhere, file);
  const asLinkToNothing = (file: string) => symlinkSync("/no/such/place", file);
  const inState = (name: string) => (disk: Disk) => path.join(disk.state, name);
  return [
    instead("a spool that is a file", ({ spool }) => spool, asFile),
    instead("a spool that is a link elsewhere", ({ spool }) => spool, asLink),
    instead("a spool that is a link to nothing", ({ spool }) => spool, asLinkToNothing),
    instead("a state that is a file", ({ state }) => state, asFile),
    instead("a state that is a link elsewhere", ({ state }) => state, asLink),
    instead("a state that is a link to nothing", ({ state }) => state, asLinkToNothing),
    instead("a product's folder for states that is a file", (d) => path.dirname(d.state), asFile),
    instead("preferences that are a folder", ({ preferences }) => preferences, asFolder),
    instead("preferences that are a link to nothing", (d) => d.preferences, asLinkToNothing),
    instead("a folder for preferences that is a file", (d) => path.dirname(d.preferences), asFile),
    {
      ...instead(
        "preferences that are a link to some elsewhere",
        (d) => d.preferences,
        () => {},
        true,
      ),
      begin({ preferences, elsewhere }) {
        renameSync(preferences, path.join(elsewhere, "dotfile.json"));
        symlinkSync(path.join(elsewhere, "dotfile.json"), preferences);
      },
      end: () => {},
    },
    instead("a lock that is a folder", inState("sender.lock"), asFolder, true),
    instead("a back-off that is a file", inState("backoff"), asFile, true),
    instead("what was sent, as a folder", inState("sent.jsonl"), asFolder, true),
    instead("what was sent, as a link elsewhere", inState("sent.jsonl"), asLink, true),
    instead("what was stopped, as a folder", inState("stopped.json"), asFolder, true),
    instead("told notices that are a folder", inState("notices.json"), asFolder),
    instead("the last start, as a folder", inState("last-start"), asFolder, true),
    instead("counts that are a file", inState("rollups"), asFile, true),
  ];
}

/** Files of ours with something in them that nobody of us has written. */
function corrupt(): DiskFault[] {
  const texts = [
    "",
    "{",
    "null",
    "[]",
    '{"token":1,"since":"x","failures":{},"until":[]}',
    "\0\0\0",
  ];
  const names = ["sender.lock", "sent.jsonl", "notices.json", "stopped.json", "last-start"];
  return texts.map((text) => ({
    name: `files that hold ${JSON.stringify(text)}`,
    records: true,
    begin({ state }) {
      const backoff = path.join(state, "backoff");
      mkdirSync(backoff, { recursive: true });
      const files = [
        ...names.map((name) => path.join(state, name)),
        path.join(backoff, "http-0.json"),
      ];
      for (const file of files) writeFileSync(file, text);
    },
  }));
}

/** Whoever opens one waits for whoever writes. */
function pipes(): DiskFault[] {
  const pipe = (name: string, place: (disk: Disk) => string, records: boolean): DiskFault => ({
    name: `a named pipe as ${name}`,
    missing: needsPipes,
    records,
    begin(disk) {
      const file = place(disk);
      mkdirSync(path.dirname(file), { recursive: true });
      if (existsSync(file)) renameSync(file, `${file}.aside`);
      execFileSync("mkfifo", [file]);
    },
    end(disk) {
      const file = place(disk);
      rmSync(file, { force: true });
      if (existsSync(`${file}.aside`)) renameSync(`${file}.aside`, file);
    },
  });
  const inState = (name: string) => (disk: Disk) => path.join(disk.state, name);
  const today = () => `${new Date().toISOString().slice(0, 10)}.log`;
  return [
    pipe("preferences", ({ preferences }) => preferences, false),
    pipe("the lock", inState("sender.lock"), true),
    pipe("told notices", inState("notices.json"), true),
    pipe("what was stopped", inState("stopped.json"), true),
    pipe("what was sent", inState("sent.jsonl"), true),
    pipe("a batch", (d) => path.join(d.spool, `${"0".repeat(36)}_events.json`), true),
    pipe("yesterday's counts", (d) => path.join(d.state, "rollups", "2026-01-01.log"), true),
    pipe("today's counts", (d) => path.join(d.state, "rollups", today()), true),
  ];
}

/** A tmpfs in the place of a folder, with what lies in it. */
export function mountOver(folder: string, options: string): void {
  const before = existsSync(folder) ? readFiles(folder) : new Map();
  mkdirSync(folder, { recursive: true });
  mount("-t", "tmpfs", "-o", `mode=700,${options}`, "sendoff-faults", folder);
  for (const [name, content] of before) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, content, { mode: 0o600 });
  }
}

function readFiles(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [path.relative(folder, file), readFileSync(file)]));
}

/** Takes away every disk of ours below a folder. */
export function unmountBelow(folder: string): void {
  if (process.platform !== "linux") return;
  const points = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((point) => point.startsWith(folder));
  for (const point of points) execFileSync("umount", [point]);
}

export function mount(...args: string[]): void {
  execFileSync("mount", args);
}

function isLinuxRootThatMounts(): boolean {
  if (process.platform !== "linux" || !isRoot) return false;
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-mount-"));
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "sendoff-faults", folder]).status === 0;
  if (isMounted) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return isMounted;
}

function canRunAs(user: number | undefined): boolean {
  if (process.platform === "win32") return false;
  if (user === undefined) return true;
  const script = `require("node:fs").readFileSync(${JSON.stringify(fixture("product.mjs"))})`;
  return spawnSync(process.execPath, ["-e", script], { uid: user, cwd: "/" }).status === 0;
}
