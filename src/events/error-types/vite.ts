import type { ErrorTypeList } from "./list.ts";

/** Vite's own codes, as far as a build meets them; most of its errors are its bundler's. */
export const viteErrors = () =>
  ({
    resolve: ["ERR_LOAD_PUBLIC_URL", "ERR_LOAD_URL", "ERR_RESOLVE_PACKAGE_ENTRY_FAIL"],
    unknown: ["ERR_DENIED_ID", "MagicStringError"],
  }) satisfies ErrorTypeList;
