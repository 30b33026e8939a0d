// Draws a seed to keep, or goes back to a random one each time.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-seed][type=button]");
  if (!button) return;
  const field = document.getElementById("seed");
  const bound = Number(button.dataset.bound);
  field.value = button.dataset.seed === "draw" ? String(Math.floor(Math.random() * (bound + 1))) : "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
