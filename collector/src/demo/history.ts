/**
 * A made-up history, for a collector that has no events yet: to look at, to take pictures of, to
 * measure with. It has what real ones have: weekdays and weekends, growth, versions that spread
 * slowly, one release that was slow and one that was broken, and a long tail of everything. The
 * same seed and end give the same requests, to the last byte.
 */
import { createCalendar, momentOn, wayMs } from "./calendar.ts";
import { createPeople } from "./people.ts";
import { createRandom } from "./random.ts";
import {
  ciBuild,
  containersBuild,
  countOfDay,
  type DemoPayload,
  developersBuild,
} from "./requests.ts";

export interface HistoryOptions {
  /** @default 1 */
  seed?: number;
  /** About so many. @default 300_000 */
  events?: number;
  /** So many different ones, if there are enough events. @default 100_000 */
  installations?: number;
  /** @default 90 */
  days?: number;
  /** The last moment of it; what would come in later is left out. */
  end: Date;
}

/** What a collector gets, and when. */
export interface DemoRequest {
  receivedAt: Date;
  body: DemoPayload;
}

/** Of all events. The rest is people's builds, one of each installation at least. */
const shares = { ci: 0.22, container: 0.04, count: 0.02 };

/** Day by day; those of a day in the order in which they come in. */
export function* demoHistory(options: HistoryOptions): Generator<DemoRequest> {
  const { seed = 1, events = 300_000, days = 90, end } = options;
  const byPeople = Math.floor(events * (1 - shares.ci - shares.container - shares.count));
  const installations = Math.min(options.installations ?? 100_000, byPeople);
  const calendar = createCalendar(seed, end.getTime(), days);
  const people = createPeople(seed, installations, calendar);
  const random = createRandom(seed, -2);
  /** By people. */
  let built = 0;

  for (let day = 0; day < days; day++) {
    const upTo = (of: number, last: number) => Math.floor(of * calendar.upTo(last));
    const times = (of: number) => upTo(of, day) - upTo(of, day - 1);
    const moment = (zone?: number) => ({
      ...{ day, days },
      at: calendar.begin + momentOn(day, zone, random),
    });
    const today: DemoRequest[] = [];
    const add = (at: number, body: DemoPayload) => {
      const receivedAt = new Date(Math.floor(at + wayMs(random)));
      if (receivedAt <= end) today.push({ receivedAt, body });
    };

    for (const newcomer of people.whoBegin(day)) {
      const { at, ...on } = moment(newcomer.zone);
      // Whoever comes today is here already, so that there are as many as were asked for.
      const when = { ...on, at: Math.min(at, end.getTime()) };
      const receivedAt = new Date(Math.min(Math.floor(when.at + wayMs(random)), end.getTime()));
      today.push({ receivedAt, body: developersBuild(newcomer, when, random) });
    }
    built += people.beginning(day);
    for (; built < upTo(byPeople, day); built++) {
      const who = people.whoBuilds(day, random);
      const when = moment(who.zone);
      add(when.at, developersBuild(who, when, random));
    }
    for (let i = times(events * shares.ci); i > 0; i--) {
      // Most of what a server builds, somebody has just pushed.
      const when = moment(random.chance(0.8) ? 1 : undefined);
      add(when.at, ciBuild(when, random));
    }
    for (let i = times(events * shares.container); i > 0; i--) {
      const when = moment();
      add(when.at, containersBuild(when, random));
    }
    for (let i = times(events * shares.count); i > 0; i--) {
      const when = moment();
      add(when.at, countOfDay(people.whoBuilds(day, random), when, random));
    }
    yield* today.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
  }
}
