import { choices, createRandom, type Random } from "./random.ts";

/** When people build: little at weekends, by the clock of where they live, and more every week. */
export interface Calendar {
  days: number;
  /** Midnight, UTC, of the first day. */
  begin: number;
  /** How much of everything that happens happens up to the end of a day, from 0 to 1. */
  upTo(day: number): number;
}

const dayMs = 24 * 60 * 60 * 1000;
const hourMs = dayMs / 24;

const ofWeek = [0.3, 1, 1.06, 1.05, 1.02, 0.88, 0.34]; // From Sunday on.
const growthADay = 0.0065;
/** A major version brings people, for a few days. */
const rush = { day: 25, days: 4, factor: 1.3 };

/** @param end the last moment of the last day that the calendar is about. */
export function createCalendar(seed: number, end: number, days: number): Calendar {
  const begin = Math.floor(end / dayMs) * dayMs - (days - 1) * dayMs;
  const random = createRandom(seed, -1);
  let sum = 0;
  const sums = Array.from({ length: days }, (_, day) => {
    const week = ofWeek[new Date(begin + day * dayMs).getUTCDay()] as number;
    const isRush = day >= rush.day && day < rush.day + rush.days;
    const rest =
      Math.exp(growthADay * day) * random.logNormal(1, 0.04) * (isRush ? rush.factor : 1);
    sum += week * rest;
    return sum;
  });
  return { days, begin, upTo: (day) => (day < 0 ? 0 : (sums[day] as number) / sum) };
}

/** Hours east of Greenwich, and how many live there. */
const zones = choices([
  [-8, 17],
  [-5, 19],
  [-3, 6],
  [0, 9],
  [1, 22],
  [2, 6],
  [3, 4],
  [5, 9],
  [8, 10],
  [9, 6],
  [10, 2],
]);

const hours = choices(
  [2, 1, 1, 1, 1, 2, 3, 6, 18, 42, 58, 60, 44, 50, 62, 64, 60, 46, 26, 20, 20, 19, 13, 6].map(
    (weight, hour): [number, number] => [hour, weight],
  ),
);

export function somebodysZone(random: Random): number {
  return random.pick(zones);
}

/** A moment of a working day; of any hour where a machine decides. */
export function momentOn(day: number, zone: number | undefined, random: Random): number {
  const hour = zone === undefined ? random.integer(24) : (random.pick(hours) - zone + 24) % 24;
  return day * dayMs + hour * hourMs + random.integer(hourMs);
}

/** How long an event is on its way: mostly seconds, now and then a train ride or a holiday. */
export function wayMs(random: Random): number {
  if (random.chance(0.94)) return 1000 + random.waiting(1500);
  return random.chance(0.9) ? random.waiting(3 * hourMs) : random.waiting(3 * dayMs);
}
