import { cpuFamilyOf } from "../../../src/metadata/cpu-family.ts";
import { type Choices, choices, type Random } from "./random.ts";

/** A machine, in coarse metadata's values. */
export interface Machine {
  platform: string;
  systemRelease: string;
  arch: string;
  cpuCores: number;
  cpuModel: string;
  cpuSpeed: number;
  memoryTotal: number;
  isDocker: boolean;
  isWsl: boolean;
}

/** What is sold together. */
interface Model {
  cpuModel: string;
  arch: string;
  cpuSpeed: number;
  cores: Choices<number>;
  memory: Choices<number>;
}

type Weights = readonly (readonly [value: number, weight: number])[];
/** The vendor's words, architecture, MHz, cores, memory, share. */
type Row = [string, string, number, Weights, Weights, number];

const platforms = choices([
  ["darwin", 46],
  ["linux", 28],
  ["win32", 26],
]);

// biome-ignore-start format: a system or a machine a line
const systems = {
  darwin: choices([
    ["22.6", 6],
    ["23.6", 17],
    ["24.5", 22],
    ["24.6", 38],
    ["25.0", 17],
  ]),
  linux: choices([
    ["5.15", 14],
    ["6.1", 13],
    ["6.8", 34],
    ["6.11", 12],
    ["6.14", 18],
    ["6.17", 9],
  ]),
  win32: choices([["10.0", 1]]),
  wsl: choices([
    ["5.15", 38],
    ["6.6", 62],
  ]),
  cloud: choices([
    ["5.10", 8],
    ["5.15", 22],
    ["6.8", 30],
    ["6.11", 40],
  ]),
};

const small: Weights = [
  [4000, 15],
  [8000, 50],
  [16_000, 35],
];
const laptop: Weights = [
  [8000, 18],
  [16_000, 52],
  [32_000, 26],
  [64_000, 4],
];
const desktop: Weights = [
  [16_000, 30],
  [32_000, 48],
  [64_000, 20],
  [128_000, 2],
];

const apple = models([
  [
    "Apple M1 Pro",
    "arm64",
    2500,
    [
      [8, 70],
      [10, 30],
    ],
    laptop,
    26,
  ],
  [
    "Apple M2",
    "arm64",
    2500,
    [
      [8, 68],
      [10, 12],
      [12, 20],
    ],
    laptop,
    24,
  ],
  [
    "Apple M3 Pro",
    "arm64",
    2500,
    [
      [8, 50],
      [10, 10],
      [12, 40],
    ],
    laptop,
    24,
  ],
  [
    "Apple M4 Pro",
    "arm64",
    2500,
    [
      [10, 60],
      [12, 25],
      [16, 15],
    ],
    desktop,
    18,
  ],
  [
    "Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz",
    "x64",
    2500,
    [
      [8, 40],
      [12, 60],
    ],
    laptop,
    8,
  ],
]);
const personal = models([
  [
    "11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz",
    "x64",
    2500,
    [
      [4, 20],
      [8, 80],
    ],
    laptop,
    24,
  ],
  [
    "12th Gen Intel(R) Core(TM) i7-1260P",
    "x64",
    2500,
    [
      [8, 25],
      [12, 30],
      [16, 45],
    ],
    laptop,
    26,
  ],
  ["Intel(R) Core(TM) Ultra 7 155H", "x64", 3500, [[16, 1]], desktop, 8],
  ["AMD Ryzen 5 5600X 6-Core Processor", "x64", 3500, [[12, 1]], desktop, 16],
  ["AMD Ryzen 7 5800X 8-Core Processor", "x64", 4000, [[16, 1]], desktop, 16],
  [
    "AMD Ryzen 9 7950X 16-Core Processor",
    "x64",
    4500,
    [
      [24, 40],
      [32, 60],
    ],
    desktop,
    5,
  ],
  ["Snapdragon(R) X Elite - X1E80100", "arm64", 3000, [[12, 1]], laptop, 5],
]);
const cloud = models([
  [
    "AMD EPYC 7763 64-Core Processor",
    "x64",
    2500,
    [
      [2, 30],
      [4, 62],
      [8, 8],
    ],
    small,
    68,
  ],
  [
    "Intel(R) Xeon(R) Platinum 8370C CPU",
    "x64",
    3000,
    [
      [2, 50],
      [4, 40],
      [16, 10],
    ],
    small,
    24,
  ],
  [
    "Neoverse-N1",
    "arm64",
    3000,
    [
      [2, 40],
      [4, 60],
    ],
    small,
    8,
  ],
]);
// biome-ignore-end format: a system or a machine a line

function models(rows: readonly Row[]): Choices<Model> {
  return choices(
    rows.map(([words, arch, cpuSpeed, cores, memory, share]) => [
      {
        cpuModel: cpuFamilyOf(words),
        ...{ arch, cpuSpeed },
        ...{ cores: choices(cores), memory: choices(memory) },
      },
      share,
    ]),
  );
}

export function developersMachine(random: Random): Machine {
  const platform = random.pick(platforms);
  const model = random.pick(platform === "darwin" ? apple : personal);
  const isWsl = platform === "linux" && random.chance(0.34);
  const system = systems[isWsl ? "wsl" : (platform as keyof typeof systems)];
  const isDocker = platform === "linux" && !isWsl && random.chance(0.07);
  return machine(platform, random.pick(system), model, { isDocker, isWsl }, random);
}

/** CI's, and those of containers. */
export function cloudMachine(random: Random, isDocker: boolean): Machine {
  const where = { isDocker, isWsl: false };
  return machine("linux", random.pick(systems.cloud), random.pick(cloud), where, random);
}

function machine(
  platform: string,
  systemRelease: string,
  { arch, cores, cpuModel, cpuSpeed, memory }: Model,
  { isDocker, isWsl }: Pick<Machine, "isDocker" | "isWsl">,
  random: Random,
): Machine {
  const [cpuCores, memoryTotal] = [random.pick(cores), random.pick(memory)];
  return {
    platform,
    systemRelease,
    arch,
    cpuCores,
    cpuModel,
    cpuSpeed,
    memoryTotal,
    isDocker,
    isWsl,
  };
}
