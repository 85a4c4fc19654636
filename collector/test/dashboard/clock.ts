/**
 * The clock of collectors and pages under test: it goes on as theirs does, from the same Thursday
 * evening each time. Of another day's morning, or of a Sunday, too few installations may stand
 * behind the ends of a period, which is then about fewer days.
 */
export const startTime = Date.parse("2026-11-26T21:00:00Z");

/** For a page, or a module in a process: what makes its clock ours. */
export const clockScript = `(${setClock})(${startTime - Date.now()});`;

/** For Node.js, of a process and its threads. */
export const withClock = [
  "--import",
  `data:text/javascript,${encodeURIComponent(clockScript)}`,
] as const;

/** As text it goes elsewhere, so that it names nothing that is outside of it. */
function setClock(offset: number): void {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number]) {
      super(...(given.length === 0 ? ([RealDate.now() + offset] as const) : given));
    }
    static override now() {
      return RealDate.now() + offset;
    }
  } as DateConstructor;
}
