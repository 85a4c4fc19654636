import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { pageFolder } from "./served.ts";

it("scripts and styles are under 80 KB gzip, and none of the page is inline", () => {
  const assets = readdirSync(path.join(pageFolder, "assets"));
  const bytes = assets
    .filter((name) => /\.(?:js|css)$/.test(name))
    .map((name) => gzipSync(readFileSync(path.join(pageFolder, "assets", name))).length);
  expect(bytes.length).toBeGreaterThanOrEqual(2);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(80_000);

  const html = readFileSync(path.join(pageFolder, "index.html"), "utf8");
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:/);
});
