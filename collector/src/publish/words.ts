/** Numbers and names as people read them. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const thin = "\u202f";

export type Value = string | number | boolean | null | undefined;

export function count(value: Value): string {
  return typeof value === "number" ? whole.format(value) : "–";
}

export function share(value: Value): string {
  return typeof value === "number" ? `${(value * 100).toFixed(1)}${thin}%` : "–";
}

export function duration(ms: Value): string {
  if (typeof ms !== "number") return "–";
  if (ms < 1000) return `${Math.round(ms)}${thin}ms`;
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)}${thin}s`
    : `${(ms / 60_000).toFixed(1)}${thin}min`;
}

export function day(text: string): string {
  const options = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" } as const;
  return new Date(text).toLocaleDateString("en-GB", options);
}

const names: Record<string, string> = {
  ...{ productVersion: "Versions", bundler: "Bundlers", platform: "Operating systems" },
  ...{ nodeVersion: "Node.js", packageManager: "Package managers", runtime: "Runtimes" },
  ...{ agent: "Coding agents", memoryTotal: "Memory", cpuCores: "Cores" },
  ...{ darwin: "macOS", linux: "Linux", win32: "Windows" },
  ...{ installation: "On people's machines", none: "Without an id", ci: "In CI" },
  container: "In throw-away containers",
};

export function named(value: Value, dimension = ""): string {
  if (value === null || value === undefined) return dimension === "agent" ? "None" : "Not stated";
  if (value === "other") return "All others";
  if (dimension === "memoryTotal" && typeof value === "number") return `${value / 1000}${thin}GB`;
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return names[String(value)] ?? String(value);
}

export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
