import { SettingsError } from "../../config/told-error.ts";

/** Where to, and how much may wait. */
export interface PosthogSettings {
  /** `https://eu.i.posthog.com`. */
  host: string;
  /** The project's key, `phc_…`. */
  apiKey: string;
  /** The queue's folder, of this collector alone. */
  folder: string;
  /**
   * MiB that wait; more is answered as busy.
   * @default 256
   */
  queueSize?: number;
  /** Told of answers that are no success, and of events that PostHog never takes. */
  onError?: (error: Error) => void;
  /**
   * The longest back-off, in milliseconds.
   * @default 300000
   */
  longestBackoff?: number;
  /**
   * How long an answer may take, in milliseconds.
   * @default 30000
   */
  timeout?: number;
}

/**
 * @param where `https://<key>@<host>?queue=<folder>`; the folder is `./telemetry.posthog` otherwise.
 * @throws SettingsError
 */
export function posthogAddress(where: string): Pick<PosthogSettings, "host" | "apiKey" | "folder"> {
  const url = URL.canParse(where) ? new URL(where) : undefined;
  if (!url?.host) {
    throw new SettingsError("posthog: say posthog:https://phc_…@eu.i.posthog.com.");
  }
  if (!url.username) {
    throw new SettingsError(
      `posthog:${url.origin} lacks the project's key: say posthog:https://phc_…@${url.host}.`,
    );
  }
  return {
    host: url.origin,
    apiKey: decodeURIComponent(url.username),
    folder: url.searchParams.get("queue") ?? "./telemetry.posthog",
  };
}
