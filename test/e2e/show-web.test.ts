import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { ask, byName, enter, setUpLocalView } from "./show-web-harness.ts";

describe("the local view", () => {
  it("shows what waits, byte for byte, with what every field means", async () => {
    const { acme, build, open } = await setUpLocalView();
    await build();
    const { address } = await open();
    const { cookie, page } = await enter(address);
    const { body, headers, status } = await ask(page, { headers: { cookie } });
    expect(status).toBe(200);
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(body).not.toMatch(/<script(?! src=)|<style|\sstyle=|\son\w+=/);

    const [batch] = JSON.parse((await acme("show --json")).stdout).waiting;
    const payload = JSON.parse(batch.requests[0].body);
    const escaped = JSON.stringify(payload, null, 2).replaceAll('"', "&#34;");
    expect(body).toContain(escaped);
    for (const name of [
      ...Object.keys(payload.events[0].fields),
      ...Object.keys(payload.meta),
      ...Object.keys(payload.context),
    ]) {
      const [, meaning] =
        new RegExp(`<th scope="row">${name}</th><td>[^<]+</td><td class="muted">([^<]*)</td>`).exec(
          body,
        ) ?? [];
      expect(meaning, name).toMatch(/\w+ \w+/);
    }
    expect(body).toContain("How many pages the site has.");
    expect(body).toContain("held back until the next run");
  });

  it("opens once, and only for whoever has the address", async () => {
    const { open } = await setUpLocalView();
    const { address, origin } = await open();
    expect((await ask(origin)).status).toBe(403);
    expect((await ask(`${origin}/?token=${"A".repeat(32)}`)).status).toBe(403);
    const { cookie, page, setCookie, status } = await enter(address);
    expect(status).toBe(200);
    expect(setCookie).toMatch(/; Path=\/[\w-]{32}\/; HttpOnly; SameSite=Strict$/);

    const again = await ask(address);
    expect(again.status).toBe(403);
    expect(again.body).toContain("Run the command again");
    expect((await ask(page)).status).toBe(403);
    expect((await ask(page, { headers: { cookie: `${cookie}x` } })).status).toBe(403);
    // The cookie alone opens nothing either: its path is as secret as itself.
    expect((await ask(`${origin}/style.css`, { headers: { cookie } })).status).toBe(403);
    expect((await ask(page, { headers: { cookie } })).status).toBe(200);
  });

  it("answers no other host and no other origin", async () => {
    const { build, open, preferences } = await setUpLocalView();
    await build();
    const { address, origin } = await open();
    const { cookie, page } = await enter(address);
    const { host, port } = new URL(address);
    const before = readFileSync(preferences, "utf8");
    for (const foreign of [
      "evil.example",
      `evil.example:${port}`,
      `localhost:${port}`,
      "127.0.0.1",
    ]) {
      const { body, status } = await ask(page, { headers: { cookie, host: foreign } });
      expect(status, foreign).toBe(403);
      expect(body).toContain(host);
    }
    const press = (headers: Record<string, string>) =>
      ask(`${page}disable`, { method: "POST", headers: { cookie, ...headers } });
    for (const foreign of [
      "https://evil.example",
      "null",
      `http://localhost:${port}`,
      `${origin}0`,
    ]) {
      expect((await press({ origin: foreign })).status, foreign).toBe(403);
    }
    expect((await press({})).status).toBe(403);
    expect((await press({ origin, "sec-fetch-site": "cross-site" })).status).toBe(403);
    // Another port of this host is the same site, and another origin.
    const headers = { cookie, "sec-fetch-site": "same-site" };
    expect((await ask(page, { headers })).status).toBe(403);
    expect((await ask(page, { method: "DELETE", headers: { cookie, origin } })).status).toBe(405);
    expect(readFileSync(preferences, "utf8")).toBe(before);
  });

  it("is there on the loopback interface alone", async () => {
    const { open } = await setUpLocalView();
    const { address } = await open();
    const port = Number(new URL(address).port);
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ address: own, family, internal }) => family === "IPv4" && !internal && own);
    for (const other of others) expect(await isOpen(other.address, port)).toBe(false);
    expect(await isOpen("127.0.0.1", port)).toBe(true);
  });

  it("has switches that do what the commands do", async () => {
    const { acme, build, home, open, receiver } = await setUpLocalView();
    await build();
    const { address, origin } = await open();
    const { cookie, page } = await enter(address);
    const press = async (word: string) => {
      const headers = { cookie, origin, "sec-fetch-site": "same-origin" };
      const { headers: answered, status } = await ask(page + word, { method: "POST", headers });
      expect([status, answered.location]).toEqual([303, new URL(page).pathname]);
      return (await ask(page, { headers: { cookie } })).body;
    };
    const state = async () => JSON.parse((await acme("status --json")).stdout).state;

    expect(await press("local")).toContain("acme telemetry is local.");
    expect(await state()).toBe("local");
    await build();
    expect(await press("enable")).toContain("acme telemetry is on.");
    expect(await state()).toBe("on");
    const off = await press("disable");
    expect(off).toContain("Deleted: 1 waiting batch, what was kept, the id and the salt.");
    expect(off).toContain("Nothing, and builds record nothing.");
    expect(await state()).toBe("off");
    expect(home.files().filter((file) => /spool|sent|local/.test(file))).toEqual([]);

    expect(await press("enable")).toContain("acme telemetry is on.");
    await build();
    await build();
    await receiver.waitForRequests(2);
    const erased = await press("erase");
    expect(erased).toContain("has deleted what it held");
    expect(receiver.requests.map(({ method }) => method)).toContain("DELETE");
    expect(
      (await ask(`${page}status`, { method: "POST", headers: { cookie, origin } })).status,
    ).toBe(404);
  });

  it("says why nothing changes where something else has decided", async () => {
    const { open } = await setUpLocalView();
    const { address, origin } = await open({ DO_NOT_TRACK: "1" });
    const { cookie, page } = await enter(address);
    await ask(`${page}enable`, { method: "POST", headers: { cookie, origin } });
    const { body } = await ask(page, { headers: { cookie } });
    expect(body).toContain("acme telemetry is off here all the same");
    expect(body).toContain("DO_NOT_TRACK");
  });

  it.each([
    ["Ctrl-C", "SIGINT"],
    ["its end being asked for", "SIGTERM"],
    ["the terminal's end", "SIGHUP"],
    ["the input's end", undefined],
  ] as const)("ends with %s, says so, and leaves nothing", async (_what, signal) => {
    const { home, open } = await setUpLocalView();
    const files = home.files();
    const { address, command } = await open();
    const { cookie, page } = await enter(address);
    const changes = ask(`${page}changes`, { headers: { cookie } });
    // The page is open by the time that the command ends.
    await ask(page, { headers: { cookie } });
    if (signal) command.kill(signal);
    else command.stdin?.end();
    expect((await changes).body).toContain("event: ended");
    const { exitCode, stdout } = await command;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/: the page has ended\.$/);
    expect(await isOpen("127.0.0.1", Number(new URL(address).port))).toBe(false);
    expect(home.files()).toEqual(files);
  });

  it("stands alone, and is there by name alone", async () => {
    const { acme, build, open } = await setUpLocalView();
    const both = await acme("show --web --json");
    expect([both.exitCode, both.stderr]).toEqual([
      2,
      expect.stringContaining("--web stands alone"),
    ]);
    await build();
    const { address } = await open({}, byName);
    const { cookie, page } = await enter(address);
    const { body } = await ask(page, { headers: { cookie } });
    expect(body).toContain('<th scope="row">pagesCount</th><td>1</td>');
    expect(body).toContain("What the fields mean, acme itself knows");
  });
});

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (found: boolean) => () => {
      socket.destroy();
      resolve(found);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}
