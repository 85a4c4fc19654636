/**
 * The file that this code is in: the package's, or a product's bundle. `import.meta.url` would be
 * the obvious way, but bundlers bake it in as an absolute path of the machine that bundled, or fail
 * at load; a stack trace tells it in every format. By `Reflect`, which does not throw where `Error`
 * is frozen; there nothing is found.
 */
export function ownFile(): string | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Reflect.set(Error, "stackTraceLimit", 1); // Some tools set it to 0.
    Reflect.set(Error, "prepareStackTrace", (_error: Error, sites: NodeJS.CallSite[]) => sites);
    const sites = new Error().stack as unknown as NodeJS.CallSite[];
    return sites[0]?.getFileName?.() ?? undefined;
  } catch {
    return undefined;
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
    Reflect.set(Error, "prepareStackTrace", prepareStackTrace);
  }
}
