/** Chance that repeats: the same seed gives the same numbers on every machine. */
export interface Random {
  /** From 0 up to 1, excluded. */
  share(): number;
  /** A whole number from 0 up to `below`, excluded. */
  integer(below: number): number;
  /** True this often. */
  chance(share: number): boolean;
  /** Around 0, with a deviation of 1. */
  normal(): number;
  /** Around `median`; `spread` is the deviation of its logarithm. */
  logNormal(median: number, spread: number): number;
  /** Of what happens every `mean`, how long until the next. */
  waiting(mean: number): number;
  pick<Value>(choices: Choices<Value>): Value;
  /** An even number of digits, 64 at most. */
  hex(digits: number): string;
  uuid(): string;
}

/** Values with their running sums of weights. */
export interface Choices<Value> {
  values: readonly Value[];
  sums: readonly number[];
}

/** @param weights what each value is worth beside the others; they need not add up to anything. */
export function choices<Value>(weights: readonly (readonly [Value, number])[]): Choices<Value> {
  let sum = 0;
  const sums = weights.map(([, weight]) => {
    sum += weight;
    return sum;
  });
  return { values: weights.map(([value]) => value), sums };
}

/** sfc32, by Chris Doty-Humphrey: 128 bits of state, a few operations a number. */
export function createRandom(seed: number, stream = 0): Random {
  let [a, b, c, counter] = [0x9e3779b9, stream | 0, seed | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // Neighbouring seeds begin alike.
  for (let i = 0; i < 15; i++) next();

  const share = () => next() / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(1 - share())) * Math.cos(2 * Math.PI * share());
  const bytes = Buffer.alloc(32);
  const hex = (digits: number) => {
    for (let at = 0; at < digits / 2; at += 4) bytes.writeUInt32LE(next(), at);
    return bytes.toString("hex", 0, digits / 2);
  };
  return {
    share,
    integer: (below) => Math.floor(share() * below),
    chance: (part) => share() < part,
    normal,
    logNormal: (median, spread) => median * Math.exp(spread * normal()),
    waiting: (mean) => -mean * Math.log(1 - share()),
    pick({ values, sums }) {
      const at = share() * (sums.at(-1) as number);
      return values[sums.findIndex((sum) => at < sum)] as (typeof values)[number];
    },
    hex,
    uuid() {
      const all = hex(32);
      const variant = "89ab"[next() & 3];
      return `${all.slice(0, 8)}-${all.slice(8, 12)}-4${all.slice(13, 16)}-${variant}${all.slice(17, 20)}-${all.slice(20)}`;
    },
  };
}
