import type { Place } from "../rows/row.ts";

/**
 * k: which groups may be shown. Plain data in, plain data out; docs/collector-api.md has the reasons.
 *
 * A group is shown if k installations stand behind it, and behind whatever remains when its sum is
 * taken from that of a question with fewer filters. All others are one group named `other`, which
 * holds two groups and k installations at least, or nothing is shown.
 */

/** Events that have all these in common. */
export interface Part {
  /** The group's values, as text; empty where there is none. */
  group: readonly string[];
  /** A filter each: 0 where the events are outside of it, else which of its values they have. */
  within: readonly number[];
  place: Place;
  events: number;
  /** Different installations; machines that mark their first event, where there are no ids. */
  people: number;
  /** Of 64 bits those that its installations' ids have set: of several parts together, too. */
  bits?: bigint;
}

/** What a filter asks of its parts. */
export interface Filter {
  values: number;
  /** What a build came to isn't what somebody is known by. */
  isOutcome: boolean;
}

/**
 * CI and throw-away containers have no id, and a busy project starts many: ten builds there stand for
 * one installation.
 */
const BUILDS_FOR_ONE = 10;

/** Enough stand behind each place's events, or there are none. Errs to the safe side. */
export function isSafe(parts: readonly Part[], k: number): boolean {
  return [...new Set(parts.map(({ place }) => place))].every((place) => {
    const its = parts.filter((part) => part.place === place);
    return behind(its) >= k || its.every(({ events }) => events === 0);
  });
}

/** As many as there are for sure: parts may be of the same installations. */
export function behind(parts: readonly Part[]): number {
  let people = 0;
  let builds = 0;
  let bits = 0n;
  for (const part of parts) {
    if (isWithoutId(part.place)) {
      builds += part.events;
    } else {
      people = Math.max(people, part.people);
      bits |= part.bits ?? 0n;
    }
  }
  return Math.max(people, bitCount(bits), Math.floor(builds / BUILDS_FOR_ONE));
}

function bitCount(bits: bigint): number {
  let count = 0;
  for (let left = bits; left > 0n; left &= left - 1n) count += 1;
  return count;
}

export function isWithoutId(place: Place): boolean {
  return place === "ci" || place === "container";
}

/**
 * Whether a group's sum can be shown, also beside those of the same question with some of the filters
 * taken away, or with fewer values in one.
 */
export function isGroupSafe(
  parts: readonly Part[],
  filters: readonly Filter[],
  k: number,
): boolean {
  return parts.some(isInside) && isBinSafe(parts, filters, k);
}

/** The same of one that may have nothing inside of the filters: then what is outside counts. */
export function isBinSafe(parts: readonly Part[], filters: readonly Filter[], k: number): boolean {
  const inside = parts.filter(isInside);
  return isSafe(inside, k) && isApart(parts, inside, filters, k);
}

function isInside({ within }: Part): boolean {
  return within.every((value) => value > 0);
}

function isApart(
  parts: readonly Part[],
  inside: readonly Part[],
  filters: readonly Filter[],
  k: number,
): boolean {
  const eachValue = filters.every(({ values, isOutcome }, index) => {
    if (isOutcome || values === 1) {
      return true;
    }
    return range(values).every((value) =>
      isSafe(
        inside.filter(({ within }) => within[index] === value + 1),
        k,
      ),
    );
  });
  const checked = range(filters.length).filter((index) => !filters[index]?.isOutcome);
  const outside = parts.filter(({ within }) =>
    within.every((value, index) => value > 0 || checked.includes(index)),
  );
  return (
    eachValue &&
    subsets(checked).every((taken) =>
      isSafe(
        outside.filter(({ within }) => {
          const failed = checked.filter((index) => within[index] === 0);
          return failed.length > 0 && failed.every((index) => taken.includes(index));
        }),
        k,
      ),
    )
  );
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function subsets(items: readonly number[]): number[][] {
  const all: number[][] = [[]];
  for (const item of items) {
    all.push(...all.map((subset) => [...subset, item]));
  }
  return all.filter(({ length }) => length > 0);
}
