// Pictures of the dashboard for the README, of the demo's data, in both themes: docs/screenshots.
// Needs Debian's chromium, and fonts-inter for the typeface that most visitors' systems come close to.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { pageShown } from "./page-shown.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "docs/screenshots");
const { chromium } = createRequire(join(root, "collector/package.json"))("playwright-core");

/** What is looked at, and how much of it. */
const pictures = [
  { name: "overview", search: "", height: 800 },
  { name: "speed", search: "?page=speed", height: 760 },
  { name: "failures", search: "?page=failures", height: 800 },
  { name: "adoption", search: "?page=adoption&days=90", height: 760 },
];

const data = await mkdtemp(join(tmpdir(), "sendoff-screenshots-"));
const flags = ["--store", `duckdb:${join(data, "demo.db")}`, "--port", "0"];
const collector = execa("node", [join(root, "collector/dist/main.mjs"), "demo", ...flags], {
  reject: false,
});
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--headless", "--disable-gpu", "--no-first-run", "--disable-sync"],
});
try {
  const url = await listening();
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    for (const { name, search, height } of pictures) {
      const file = join(folder, `${name}-${colorScheme}.webp`);
      const bytes = await picture(`${url}${search}`, { colorScheme, height });
      await writeFile(file, bytes);
      console.log(`${file}: ${Math.round(bytes.length / 1000)} kB`);
    }
  }
} finally {
  await browser.close();
  collector.kill("SIGTERM");
  await collector;
  await rm(data, { recursive: true, force: true });
}

async function listening() {
  let said = "";
  for await (const chunk of collector.stdout) {
    said += chunk;
    const [url] = /http:\/\/\S+\/dashboard\//.exec(said) ?? [];
    if (url) return url;
  }
  throw new Error(`The collector ended: ${said}${(await collector).stderr}`);
}

async function picture(url, { colorScheme, height }) {
  const viewport = { width: 1280, height };
  const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1.5 });
  const page = await context.newPage();
  await page.goto(url);
  await pageShown(page);
  const session = await context.newCDPSession(page);
  const { data: encoded } = await session.send("Page.captureScreenshot", {
    format: "webp",
    quality: 82,
  });
  await context.close();
  return Buffer.from(encoded, "base64");
}
