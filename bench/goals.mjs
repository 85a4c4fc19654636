import { endpoints } from "./machine.mjs";

/** What the figures are held to, as far as they have been taken: medians, all of one run. */
export function goals({ builds, process, sender, growth, install }) {
  const found = [];
  const goal = (what, atMost, is, unit = "") => found.push({ what, atMost, is, unit });
  if (builds) {
    const [{ added }] = builds;
    for (const endpoint of endpoints) {
      const { median } = added[endpoint].moreThanBare;
      goal(`a build beside a bare spawn, answer: ${endpoint}`, 10, median, "ms");
    }
  }
  if (process) {
    const empty = process.imports["an empty file"];
    for (const [name, kinds] of Object.entries(process.imports)) {
      if (/empty|\/(cli|testing)$/.test(name)) continue;
      const own = kinds.import.median - empty.import.median;
      goal(`import of ${name}, less an empty file's`, 3, own, "ms");
    }
    goal("record", 5, process.record["build:completed"].queued, "µs");
    for (const [megabytes, { sendoff, bare }] of Object.entries(process.flush)) {
      const share = sendoff.together.median / bare.together.median;
      goal(`flush and exit hook, beside the bare ones at ${megabytes} MB`, 1.5, share, "×");
    }
  }
  if (sender) {
    const { sendoff, "node -e 0": bare } = sender;
    goal(
      "the sender's processor time beside node -e 0",
      1.4,
      sendoff.cpuMs.median / bare.cpuMs.median,
      "×",
    );
    goal("its memory", 1.2, sendoff.peakKiB.median / bare.peakKiB.median, "×");
  }
  if (growth) {
    const adds = (n, mode) =>
      growth.atOnce[`${n} ${mode}`].each.median - growth.atOnce[`${n} plain`].each.median;
    const contention = Math.max(0, adds(200, "bare") - adds(1, "bare"));
    const atMost = Number((adds(1, "sendoff") + contention).toFixed(1));
    goal("200 builds at once, each longer by", atMost, adds(200, "sendoff"), "ms");
  }
  if (install) {
    goal("tarball", 60, install.tarballBytes / 1000, "kB");
    goal("packages installed", 1, install.packages.sendoff.packages);
  }
  return found;
}
