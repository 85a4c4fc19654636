/** Resolves when every panel of the dashboard's page has its answer. */
export function pageShown(page) {
  return page.waitForFunction(
    () =>
      document.querySelector(".panel") !== null &&
      document.querySelectorAll('[aria-busy="true"], .figure-waits').length === 0,
    undefined,
    { timeout: 60_000 },
  );
}
