import { categorizeError } from "../events/error-type.ts";
import { eraseWaiting } from "../spool/erase.ts";
import { countWaiting } from "../spool/list.ts";
import { appendCount, trimDays } from "../spool/rollups.ts";
import { keepLine, lastSentAt } from "../spool/sent.ts";
import { trimSpool } from "../spool/trim.ts";
import { askForConsent } from "./ask.ts";
import { chooseTelemetry } from "./choose.ts";
import { showDry } from "./show-dry.ts";
import { tell } from "./tell.ts";
import { waitForDelivery } from "./wait-for-delivery.ts";

/**
 * What few builds want, or none but in its first run on a machine: a notice, a question, a choice, a
 * failure's category, counts, local mode. In the published package it is a file of its own, so that
 * other builds don't read it; `later()` is the way to it. What is listed here, and what nothing else
 * needs, is in that file.
 */
export const parts = {
  categorizeError,
  eraseWaiting,
  countWaiting,
  appendCount,
  trimDays,
  keepLine,
  lastSentAt,
  trimSpool,
  askForConsent,
  chooseTelemetry,
  showDry,
  tell,
  waitForDelivery,
};
