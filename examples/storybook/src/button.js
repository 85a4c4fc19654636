export function button({ label }) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = label;
  return element;
}
