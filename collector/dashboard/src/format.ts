import type { Column } from "../../src/query/api.ts";
import type { Cell } from "./data/table.ts";

/** Numbers, days and names as people read them. Between a number and its unit stands a thin space. */
const thin = "\u202f";
export const nothing = "–";

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

export function formatCount(value: number): string {
  return Math.abs(value) < 100_000 ? whole.format(Math.round(value)) : short.format(value);
}

/** For axes. */
export function formatShort(value: number): string {
  return short.format(value);
}

export function formatShare(share: number): string {
  const percent = share * 100;
  const digits = percent === 0 || percent === 100 ? 0 : percent < 0.1 ? 2 : 1;
  return `${percent.toFixed(digits)}${thin}%`;
}

/** For axes. */
export function formatShortShare(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}${thin}ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}${thin}s`;
  if (ms < 99_500) return `${Math.round(ms / 1_000)}${thin}s`;
  const minutes = ms / 60_000;
  return minutes < 10 ? `${minutes.toFixed(1)}${thin}min` : `${Math.round(minutes)}${thin}min`;
}

function scaled(value: number, units: readonly string[], step: number): string {
  const power = Math.min(
    Math.max(0, Math.floor(Math.log(Math.max(value, 1)) / Math.log(step))),
    units.length - 1,
  );
  return `${Number((value / step ** power).toPrecision(3))}${thin}${units[power]}`;
}

export function formatNumber(value: number, unit: Column["unit"]): string {
  switch (unit) {
    case "ms":
      return formatDuration(value);
    case "share":
      return formatShare(value);
    case "bytes":
      return scaled(value, ["B", "kB", "MB", "GB"], 1_000);
    case "MB":
      return scaled(value, ["MB", "GB", "TB"], 1_000);
    case "MHz":
      return `${(value / 1_000).toFixed(1)}${thin}GHz`;
    default:
      return formatCount(value);
  }
}

const ofDay = { day: "numeric", month: "short", timeZone: "UTC" } as const;
const dayFormat = new Intl.DateTimeFormat("en-GB", ofDay);
const dayOfYearFormat = new Intl.DateTimeFormat("en-GB", { ...ofDay, year: "numeric" });
const longDayFormat = new Intl.DateTimeFormat("en-GB", {
  ...ofDay,
  weekday: "short",
  year: "numeric",
});

export function formatDay(day: string): string {
  return dayFormat.format(new Date(day));
}

/** `28 Oct to 26 Nov`; where it is not of this year, with the years. */
export function formatPeriod({ from, to }: { from: string; to: string }): string {
  const year = String(new Date().getUTCFullYear());
  const isOfThisYear = from.startsWith(year) && to.startsWith(year);
  const format = isOfThisYear ? dayFormat : dayOfYearFormat;
  return `${format.format(new Date(from))} to ${format.format(new Date(to))}`;
}

/** `30 days`; one has no number. */
export function formatDays(count: number): string {
  return count === 1 ? "day" : `${count} days`;
}

export function formatLongDay(day: string): string {
  return longDayFormat.format(new Date(day));
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

export function formatTime(moment: string | number): string {
  return clock.format(new Date(moment));
}

const words: Record<string, string> = {
  darwin: "macOS",
  linux: "Linux",
  win32: "Windows",
  github_actions: "GitHub Actions",
  installation: "Installations",
  ci: "CI",
  container: "Containers",
  none: "None",
};

/** A group's name: a value of a dimension. */
export function formatValue(value: Cell, dimension: string, unit?: Column["unit"]): string {
  if (value === null || value === "") return "Not stated";
  if (typeof value === "number") return formatNumber(value, unit);
  const text = String(value);
  if (text === "true" || text === "false") return text === "true" ? "Yes" : "No";
  if (text === "other") return "Other";
  if (unit !== undefined && text.trim() !== "" && Number.isFinite(Number(text))) {
    return formatNumber(Number(text), unit);
  }
  if (dimension === "place" && text === "none") return "Without an id";
  return ["platform", "ciName", "place"].includes(dimension) ? (words[text] ?? text) : text;
}

const labels: Record<string, string> = {
  builds: "Builds",
  events: "Events",
  failures: "Failed builds",
  successRate: "Success rate",
  installations: "Installations",
  projects: "Projects",
  installationsHit: "Installations hit",
  p50: "Median",
  p75: "75th percentile",
  p95: "95th percentile",
  p99: "99th percentile",
  day: "Day",
  week: "Week of",
  month: "Month",
  place: "Place",
  platform: "Operating system",
  arch: "Architecture",
  cpuCores: "Cores",
  memoryTotal: "Memory",
  isDocker: "In Docker",
  isWsl: "In WSL",
  isCI: "In CI",
  ciName: "CI service",
  runtime: "Runtime",
  runtimeVersion: "Runtime version",
  packageManager: "Package manager",
  agent: "Coding agent",
  bundler: "Bundler",
  bundlerVersion: "Bundler version",
  mode: "Mode",
  nodeVersion: "Node.js",
  productVersion: "Version",
  errorPhase: "Phase",
  errorType: "Error",
  outputSize: "Output size",
  modulesCount: "Modules",
};

/** `toolsCount` of a product's own is said as its definitions name it. */
export function labelOf(name: string): string {
  return labels[name] ?? name;
}
