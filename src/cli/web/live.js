// All that the page does by itself: it shows what is new, and says when its command has ended.
const changes = new EventSource("changes");
changes.addEventListener("changed", refresh);
changes.addEventListener("ended", () => {
  changes.close();
  tellEnd(true);
});
changes.addEventListener("error", () => tellEnd(true));
changes.addEventListener("open", () => tellEnd(false));

for (const form of document.forms) form.addEventListener("submit", asksOnce);

async function refresh() {
  const answer = await fetch(".");
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const { id } of document.querySelectorAll("details[open]")) {
    fresh.getElementById(id)?.setAttribute("open", "");
  }
  const focused = document.activeElement?.id;
  document.title = fresh.title;
  document.querySelector("main").replaceWith(fresh.querySelector("main"));
  for (const form of document.forms) form.addEventListener("submit", asksOnce);
  if (focused) document.getElementById(focused)?.focus();
}

/** Endpoints that are asked to erase may take a while to answer. */
function asksOnce({ target }) {
  setTimeout(() => {
    for (const button of document.querySelectorAll("button")) button.disabled = true;
    target.querySelector("button").textContent = "One moment …";
  });
}

function tellEnd(hasEnded) {
  document.getElementById("ended").hidden = !hasEnded;
  for (const button of document.querySelectorAll("button")) button.disabled = hasEnded;
}
