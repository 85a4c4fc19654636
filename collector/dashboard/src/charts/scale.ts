/** Numbers to places on a plot, and the round numbers its axes name. */

export type Scale = (value: number) => number;

export function linear([from, to]: [number, number], [start, end]: [number, number]): Scale {
  const slope = to === from ? 0 : (end - start) / (to - from);
  return (value) => start + (value - from) * slope;
}

export function logarithmic(domain: [number, number], range: [number, number]): Scale {
  const inner = linear([Math.log(domain[0]), Math.log(domain[1])], range);
  return (value) => inner(Math.log(value));
}

/** From 0: about `count` steps of 1, 2, 2.5 or 5 times a power of ten; the last is not below `most`. */
export function ticksTo(most: number, count = 4): number[] {
  if (!(most > 0)) return [0, 1];
  const raw = most / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = (niceSteps.find((nice) => nice * power >= raw * 0.999) ?? 10) * power;
  const ticks: number[] = [];
  for (let i = 0; i * step < most + step * 0.999; i += 1)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

const niceSteps = [1, 2, 2.5, 5, 10];

/** Milliseconds in the steps people know: seconds and minutes, not thousands. */
export function durationTicksTo(most: number, count = 4): number[] {
  const step = durationSteps.find((nice) => nice * count >= most);
  if (step === undefined || most < 1_000) return ticksTo(most, count);
  const ticks: number[] = [];
  for (let tick = 0; tick < most + step * 0.999; tick += step) ticks.push(tick);
  return ticks;
}

const durationSteps = [0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map(
  (seconds) => seconds * 1_000,
);

/** 1, 2 and 5 times each power of ten that lies within. */
export function logarithmicTicks(from: number, to: number): number[] {
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(from)); power <= to; power *= 10) {
    for (const nice of [1, 2, 5]) {
      const tick = nice * power;
      if (tick >= from && tick <= to) ticks.push(tick);
    }
  }
  return ticks;
}

/** Every second, third, … so that at most `most` are left, the last among them. */
export function thin<T>(items: readonly T[], most: number): T[] {
  const every = Math.max(1, Math.ceil(items.length / Math.max(1, most)));
  return items.filter((_, i) => (items.length - 1 - i) % every === 0);
}
