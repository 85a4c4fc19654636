import path from "node:path";
import { defineConfig } from "vite";

/**
 * The dashboard's page, into what the collector serves at `/dashboard/`. Addresses are relative, so
 * that a proxy may put the collector below any path; every asset is a file, as the page's content
 * security policy wants it.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  build: {
    outDir: path.join(import.meta.dirname, "../dist/dashboard"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "third-party.md" },
    target: ["chrome123", "firefox120", "safari17.5"],
  },
});
