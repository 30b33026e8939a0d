// Shows and hides a password.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveals]");
  if (!button) return;
  const field = document.getElementById(button.dataset.reveals);
  const isShown = field.type === "password";
  field.type = isShown ? "text" : "password";
  button.setAttribute("aria-pressed", String(isShown));
  field.focus();
});
