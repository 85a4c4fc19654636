const button = document.querySelector("button");
button.addEventListener("click", async () => {
  const { answer } = await import("./answer.js");
  button.textContent = answer;
});
