/**
 * Deno asks its user for each permission as it is first needed, in the terminal, and a build would
 * wait for the answer. So permissions are looked up without prompting, before anything is touched.
 */
interface DenoLike {
  permissions?: { querySync?(request: { name: string }): { state: string } };
}

const needed = ["env", "read", "write", "sys", "run"];

/** The environment, or nothing where it may not be read. */
export function readableEnv(): NodeJS.ProcessEnv {
  return systemIsOpen() ? process.env : {};
}

/** False only under Deno, where something that telemetry needs has not been granted. */
export function systemIsOpen(): boolean {
  const deno = (globalThis as { Deno?: DenoLike }).Deno;
  if (!deno) return true;
  const query = deno.permissions?.querySync?.bind(deno.permissions);
  return query !== undefined && needed.every((name) => query({ name }).state === "granted");
}
