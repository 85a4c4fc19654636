/**
 * Which family a CPU belongs to, by how its vendor words the model. The first that matches counts,
 * so that each vendor's name alone comes last of its kind and stands for what is not listed.
 */
const families: readonly (readonly [RegExp, string])[] = [
  [/^Apple M1\b/, "Apple M1"],
  [/^Apple M2\b/, "Apple M2"],
  [/^Apple M3\b/, "Apple M3"],
  [/^Apple M4\b/, "Apple M4"],
  [/^Apple M5\b/, "Apple M5"],
  // Under Rosetta: "VirtualApple @ 2.50GHz".
  [/Apple/, "Apple"],
  [/\bIntel Core Ultra 5\b/i, "Intel Core Ultra 5"],
  [/\bIntel Core Ultra 7\b/i, "Intel Core Ultra 7"],
  [/\bIntel Core Ultra 9\b/i, "Intel Core Ultra 9"],
  [/\bIntel Core i?3\b/i, "Intel Core i3"],
  // From 2024 on Intel leaves out the i: "Intel(R) Core(TM) 7 150U".
  [/\bIntel Core i?5\b/i, "Intel Core i5"],
  [/\bIntel Core i?7\b/i, "Intel Core i7"],
  [/\bIntel Core i?9\b/i, "Intel Core i9"],
  [/\bXeon\b/i, "Intel Xeon"],
  [/\bPentium\b/i, "Intel Pentium"],
  [/\bCeleron\b/i, "Intel Celeron"],
  [/\bIntel Atom\b/i, "Intel Atom"],
  [/\bIntel (?:Processor )?N\d{2,3}\b/i, "Intel N"],
  [/\bIntel\b/i, "Intel"],
  [/\bRyzen Threadripper\b/i, "AMD Ryzen Threadripper"],
  [/\bRyzen AI\b/i, "AMD Ryzen AI"],
  [/\bRyzen 3\b/i, "AMD Ryzen 3"],
  [/\bRyzen 5\b/i, "AMD Ryzen 5"],
  [/\bRyzen 7\b/i, "AMD Ryzen 7"],
  [/\bRyzen 9\b/i, "AMD Ryzen 9"],
  [/\bEPYC\b/i, "AMD EPYC"],
  [/\bAMD\b/i, "AMD"],
  [/\bNeoverse\b/i, "ARM Neoverse"],
  [/\bCortex\b/i, "ARM Cortex"],
  [/\bAmpere\b/i, "Ampere"],
  [/\b(?:Snapdragon|Qualcomm)\b/i, "Qualcomm Snapdragon"],
  [/\bARM(?:v\d|\b)/i, "ARM"],
  [/\bPOWER\d/i, "IBM POWER"],
  [/\bLoongson\b/i, "Loongson"],
];

/** Every family there is; what matches none, or is not known, is `other`. */
export const cpuFamilies: readonly string[] = [...families.map(([, family]) => family), "other"];

/** `model`: as the operating system gives it, such as `Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz`. */
export function cpuFamilyOf(model: string): string {
  const plain = model
    .replace(/\((?:R|TM)\)/gi, " ")
    .replace(/\s+/g, " ")
    .trim();
  return families.find(([pattern]) => pattern.test(plain))?.[1] ?? "other";
}
