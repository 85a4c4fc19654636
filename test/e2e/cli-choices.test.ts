import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { expectReadable, setUpCli } from "./cli-harness.ts";
import { senderGone } from "./harness.ts";

type Cli = Awaited<ReturnType<typeof setUpCli>>;

const preferencesOf = ({ home }: Cli) =>
  JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8"));

describe("status", () => {
  it("says the state, what decided, what waits, and when something was last sent", async () => {
    const cli = await setUpCli();
    const { acme, build, home, receiver } = cli;
    await build();
    const first = await acme("status");
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toContain("acme telemetry is on: nothing says otherwise");
    expect(first.stdout).toContain("1 batch, held back until the next run");
    expect(first.stdout).toContain("nothing yet");
    expect(first.stdout).toContain(new URL(receiver.url).host);
    expectReadable(first);
    await build();
    await receiver.waitForRequests(2);
    await senderGone(home.path);
    const { stdout } = await acme("status --json");
    const { lastSentAt, ...others } = JSON.parse(stdout);
    expect(others).toEqual({
      state: "on",
      row: 10,
      because: "nothing says otherwise",
      preferences: home.preferencesFile("acme"),
      waiting: 0,
    });
    expect(Date.now() - Date.parse(lastSentAt)).toBeLessThan(60_000);
  });

  it.each([
    [1, { DO_NOT_TRACK: "1" }, "DO_NOT_TRACK is set"],
    [2, { ACME_TELEMETRY_DISABLED: "1" }, "ACME_TELEMETRY_DISABLED is set"],
  ])("names row %i", async (row, env, because) => {
    const { acme, home, sendoff } = await setUpCli();
    const mounted = JSON.parse((await acme("status --json", env)).stdout);
    expect(mounted).toMatchObject({ state: "off", row, because });
    const byName = JSON.parse((await sendoff("status --json", env)).stdout);
    expect(byName).toEqual(mounted);
    expect(home.files()).toEqual([]);
  });

  it("by name alone says what it can't know, and doubts a name nobody has used here", async () => {
    const { build, sendoff } = await setUpCli();
    const doubt = "  as far as can be told: ";
    expect((await sendoff("status")).stdout).toContain(
      `${doubt}no build of acme has been counted here; is that its name?`,
    );
    await build();
    const { stdout } = await sendoff("status");
    expect(stdout).toContain(`${doubt}acme itself can't be asked by name alone`);
    expect((await sendoff("disable")).stdout).not.toContain("has been counted here");
    // Nothing can say that off is on.
    expect((await sendoff("status")).stdout).not.toContain(doubt);
  });

  it("waits for a configuration that loads late, and takes its no", async () => {
    const { acme } = await setUpCli();
    const status = await acme("status --json --no-telemetry");
    expect(status.exitCode).toBe(2); // Not an option of the command, though acme reads it.
    const { stdout } = await acme("status --json", { ACME_CONFIG_OFF: "1" });
    expect(JSON.parse(stdout)).toMatchObject({ state: "off", row: 3 });
  });
});

describe("disable", () => {
  it("deletes what waits, counts, kept payloads, id and salt, and keeps the opt-out", async () => {
    const cli = await setUpCli();
    const { acme, build, home, receiver } = cli;
    await build();
    await build();
    await receiver.waitForRequests(2);
    await senderGone(home.path);
    receiver.behave({ status: 503 });
    await build();
    await senderGone(home.path);
    const state = home.stateFolder("acme");
    mkdirSync(path.join(state, "rollups"), { recursive: true });
    writeFileSync(path.join(state, "rollups", "2026-01-01.log"), "rebuild 0\n");
    writeFileSync(path.join(state, "local.jsonl"), "{}\n");
    expect(home.spool("acme")).toHaveLength(1);

    const run = await acme("disable");
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain(
      "Deleted: 1 waiting batch, the counts, what was kept, the id and the salt.",
    );
    expectReadable(run);
    expect(Object.keys(preferencesOf(cli))).toEqual(["telemetry.enabled", "telemetry.notifiedAt"]);
    expect(preferencesOf(cli)["telemetry.enabled"]).toBe(false);
    for (const name of ["spool", "rollups", "sent.jsonl", "local.jsonl"]) {
      expect(existsSync(path.join(state, name)), name).toBe(false);
    }
    const before = receiver.connections;
    await build();
    expect(home.spool("acme")).toEqual([]);
    expect(receiver.connections).toBe(before);
  });

  it("deletes all of it for good while a sender waits for an answer", async () => {
    const cli = await setUpCli();
    const { acme, build, home, receiver } = cli;
    await build();
    receiver.behave("accept", { delay: 1500 });
    await build();
    await receiver.waitForRequests(1);
    expect((await acme("disable")).exitCode).toBe(0);
    await senderGone(home.path);
    expect(receiver.requests).toHaveLength(1);
    const state = home.stateFolder("acme");
    expect(readdirSync(state).filter((name) => /spool|rollups|jsonl/.test(name))).toEqual([]);
    expect(Object.keys(preferencesOf(cli))).not.toContain("telemetry.anonymousId");
  });

  it("deletes all of it for good in a sender's pause between two attempts", async () => {
    const { acme, build, home, receiver } = await setUpCli();
    await build();
    receiver.behave({ status: 503 });
    const disabled = receiver.waitForRequests(1).then(() => acme("disable"));
    await build();
    expect((await disabled).exitCode).toBe(0);
    await senderGone(home.path);
    // The pause is 0.5 to 1 s; a command on a busy machine may take as long.
    expect(receiver.requests.length).toBeLessThanOrEqual(2);
    const state = home.stateFolder("acme");
    expect(readdirSync(state).filter((name) => /spool|rollups|jsonl/.test(name))).toEqual([]);
  });
});

describe("two commands at once", () => {
  it("wait for one another", async () => {
    const cli = await setUpCli();
    const lock = `${cli.home.preferencesFile("acme")}.lock`;
    mkdirSync(path.dirname(lock), { recursive: true });
    writeFileSync(lock, "another command's");
    // It ends as soon as this one begins to wait.
    const ends = `import { rmSync } from "node:fs";
      Atomics.wait = () => rmSync(${JSON.stringify(lock)}, { force: true });`;
    const run = await cli.acme("disable", {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ends)}`,
    });
    expect(run.stderr).toBe("");
    expect(run.exitCode).toBe(0);
    expect(preferencesOf(cli)["telemetry.enabled"]).toBe(false);
  });
});

describe("a no before the first build", () => {
  it("holds, and says that nothing was counted: the name may be another", async () => {
    const { build, home, sendoff } = await setUpCli();
    const run = await sendoff("disable");
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("No build of acme has been counted here.");
    expect((await build()).stderr).toBe("");
    expect(home.files().filter((file) => file.includes("state"))).toEqual([]);
  });
});

describe("enable", () => {
  it("gives a new id and salt after an opt-out", async () => {
    const cli = await setUpCli();
    const { acme, build, settledIn } = cli;
    settledIn();
    const id = preferencesOf(cli)["telemetry.anonymousId"];
    await acme("disable");
    const run = await acme("enable");
    expect(run.stdout).toContain("acme telemetry is on.");
    expect(preferencesOf(cli)["telemetry.anonymousId"]).toMatch(/^[0-9a-f]{64}$/);
    expect(preferencesOf(cli)["telemetry.anonymousId"]).not.toBe(id);
    await build();
    expect(preferencesOf(cli)["telemetry.enabled"]).toBe(true);
  });

  it("says what keeps it off all the same", async () => {
    const { acme } = await setUpCli();
    const run = await acme("enable", { DO_NOT_TRACK: "1" });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("acme telemetry is off here all the same: DO_NOT_TRACK is set");
  });
});

describe("by name alone, of a product without ids", () => {
  it("makes none, and replaces none", async () => {
    const cli = await setUpCli();
    await cli.product("completed", { PRODUCT_OPTIONS: '{"identity":"none"}' });
    for (const word of ["local", "disable", "enable"]) {
      expect((await cli.sendoff(word)).exitCode).toBe(0);
      expect(preferencesOf(cli)).not.toHaveProperty("telemetry.anonymousId");
    }
    expect((await cli.sendoff("reset")).stdout).toContain("acme keeps no id.");
  });
});

describe("local", () => {
  it("keeps what would be sent, and sends none of it, also after a later enable", async () => {
    const { acme, build, home, receiver } = await setUpCli();
    const run = await acme("local");
    expect(run.stdout).toContain("acme telemetry is local.");
    await build();
    await build();
    const { stdout } = await acme("show --json");
    const { local, waiting } = JSON.parse(stdout);
    expect(local).toHaveLength(2);
    expect(JSON.parse(local[0].body).events[0].eventName).toBe("build:completed");
    expect(waiting).toEqual([]);
    await acme("enable");
    await build(); // Nothing was told before, so this one may show the notice.
    await build();
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(2);
  });
});

describe("reset", () => {
  it("gives a new id and salt, and keeps the choice", async () => {
    const cli = await setUpCli();
    const before = cli.settledIn();
    const run = await cli.acme("reset");
    expect(run.stdout).toContain("acme has a new id and a new salt");
    const after = preferencesOf(cli);
    expect(after["telemetry.enabled"]).toBe(true);
    for (const name of ["telemetry.anonymousId", "telemetry.salt"]) {
      expect(after[name]).toMatch(/^[0-9a-f]{32,64}$/);
      expect(after[name]).not.toBe(before[name]);
    }
  });

  it("makes no id where telemetry is off, or where no build has run", async () => {
    const cli = await setUpCli();
    expect((await cli.acme("reset")).stdout).toContain("the first build makes one");
    expect(cli.home.files()).toEqual([]);
    cli.home.writePreferences("acme", { enabled: false });
    expect((await cli.acme("reset")).stdout).toContain("is off, and keeps none");
    expect(preferencesOf(cli)).not.toHaveProperty("telemetry.anonymousId");
  });
});

describe.skipIf(process.platform === "win32")("preferences behind a link", () => {
  /** As those have it who keep all such files in one place. */
  async function setUpLinked() {
    const cli = await setUpCli();
    cli.settledIn();
    const file = cli.home.preferencesFile("acme");
    const kept = path.join(cli.home.path, "dotfiles.json");
    renameSync(file, kept);
    symlinkSync(kept, file);
    return { ...cli, file, kept, inKept: () => JSON.parse(readFileSync(kept, "utf8")) };
  }

  it("are changed where they are, by every choice", async () => {
    const { acme, file, kept, inKept } = await setUpLinked();
    expect((await acme("disable")).exitCode).toBe(0);
    expect(inKept()).toMatchObject({ "telemetry.enabled": false });
    expect(inKept()).not.toHaveProperty("telemetry.anonymousId");
    await acme("enable");
    const { "telemetry.anonymousId": id } = inKept();
    await acme("reset");
    expect(inKept()["telemetry.anonymousId"]).toMatch(/^[0-9a-f]{64}$/);
    expect(inKept()["telemetry.anonymousId"]).not.toBe(id);
    expect(readlinkSync(file)).toBe(kept);
  });

  it("are gone with their link once all is erased", async () => {
    const { acme, file, home, kept } = await setUpLinked();
    expect((await acme("erase")).exitCode).toBe(0);
    expect(existsSync(kept)).toBe(false);
    expect(home.files().filter((each) => each.includes(path.basename(file)))).toEqual([]);
  });
});

describe("a command that can't do it", () => {
  const choices = ["disable", "enable", "local", "reset", "erase"];

  it.each(choices)("%s says so where the preferences' folder is read-only", async (word) => {
    const { env, home, settledIn } = await setUpCli();
    const before = settledIn();
    const file = home.preferencesFile("acme");
    const run = await asNobody(home.path, path.dirname(file), word, env);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/telemetry\.json can't be written \(EACCES\)/);
    expect(run.stderr).toContain("ACME_TELEMETRY_DISABLED=1 turns telemetry off");
    expectReadable(run);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(before);
    expect(readdirSync(path.dirname(file))).toEqual(["telemetry.json"]);
  });

  it.each(["disable", "enable", "local"])("%s says so where there is no home", async (word) => {
    const { sendoff } = await setUpCli();
    const none = { HOME: "", USERPROFILE: "", LOCALAPPDATA: "", APPDATA: "" };
    const run = await sendoff(word, { ...none, XDG_CONFIG_HOME: "", XDG_STATE_HOME: "" });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("set HOME and try again");
    expectReadable(run);
  });

  it.runIf(process.platform === "linux")("says so where no home can be made", async () => {
    const { sendoff } = await setUpCli();
    const elsewhere = { XDG_CONFIG_HOME: "", XDG_STATE_HOME: "" };
    const run = await sendoff("disable", { ...elsewhere, HOME: "/proc/nope" });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("can't be made");
    expect(run.stderr).toContain("set HOME to a folder of yours");
    expectReadable(run);
  });

  it("says so where a file is in the folder's place", async () => {
    const { acme, home } = await setUpCli();
    const folder = path.dirname(home.preferencesFile("acme"));
    mkdirSync(path.dirname(folder), { recursive: true });
    writeFileSync(folder, "somebody's");
    const run = await acme("disable");
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("A file is where a folder should be");
    expectReadable(run);
    expect(readFileSync(folder, "utf8")).toBe("somebody's");
  });

  it("says so while another is at it, and writes nothing", async () => {
    const { acme, home, settledIn } = await setUpCli();
    const before = settledIn();
    const lock = `${home.preferencesFile("acme")}.lock`;
    writeFileSync(lock, "another's");
    const run = await acme("disable");
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("Another command is changing the preferences");
    expectReadable(run);
    expect(JSON.parse(readFileSync(home.preferencesFile("acme"), "utf8"))).toEqual(before);
    expect(readFileSync(lock, "utf8")).toBe("another's");
  });

  it("takes over from one that crashed more than ten seconds ago", async () => {
    const cli = await setUpCli();
    cli.settledIn();
    const lock = `${cli.home.preferencesFile("acme")}.lock`;
    writeFileSync(lock, "a crashed one's");
    const then = new Date(Date.now() - 11_000);
    utimesSync(lock, then, then);
    expect((await cli.acme("disable")).exitCode).toBe(0);
    expect(preferencesOf(cli)["telemetry.enabled"]).toBe(false);
    expect(readdirSync(path.dirname(lock))).toEqual(["telemetry.json"]);
  });

  it("is one of two at once, and never both half: 20 times", async () => {
    const cli = await setUpCli();
    for (let i = 0; i < 20; i++) {
      rmSync(path.dirname(cli.home.preferencesFile("acme")), { recursive: true, force: true });
      const runs = await Promise.all([cli.sendoff("disable"), cli.sendoff("enable")]);
      const done = runs.filter(({ exitCode }) => exitCode === 0);
      expect(done.length).toBeGreaterThan(0);
      for (const run of runs) expect([0, 1]).toContain(run.exitCode);
      const { "telemetry.enabled": enabled, ...others } = preferencesOf(cli);
      expect(typeof enabled).toBe("boolean");
      // An opt-out has no id, and whoever agreed has one.
      expect("telemetry.anonymousId" in others).toBe(enabled);
      expect(readdirSync(path.dirname(cli.home.preferencesFile("acme")))).toHaveLength(1);
    }
  });
});

/** As a user who may read everything here and write nothing of it; root may write everywhere. */
async function asNobody(
  home: string,
  folder: string,
  word: string,
  env: Readonly<Record<string, string>>,
) {
  const isRoot = process.getuid?.() === 0;
  const nobody = 65_534;
  // The checkout may be out of their reach.
  const dist = path.join(home, "dist");
  cpSync(path.resolve("dist"), dist, { recursive: true });
  if (isRoot) {
    // Temporary folders are their owner's alone.
    const open = [path.dirname(home), home, dist, path.dirname(folder), folder];
    for (const file of [...open, path.join(folder, "telemetry.json")]) chmodSync(file, 0o755);
  } else {
    chmodSync(folder, 0o500);
  }
  try {
    return await execa(process.execPath, [path.join(dist, "bin.mjs"), word, "--name", "acme"], {
      env: { ...env },
      extendEnv: false,
      reject: false,
      ...(isRoot && { uid: nobody, gid: nobody }),
    });
  } finally {
    chmodSync(folder, 0o700);
  }
}
