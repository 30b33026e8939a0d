// Who presses with the keyboard goes on from there: what they pressed is disabled while it is sent, or replaced by the
// answer. The focus goes back to what has its id then, else to what its data-then names.
const pressed = new WeakMap();

document.addEventListener("htmx:beforeRequest", (event) => {
  const button = document.activeElement;
  if (button?.id && button.matches("button, a") && event.target.contains(button)) pressed.set(event.detail.xhr, { id: button.id, then: button.dataset.then });
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { id, then } = pressed.get(event.detail.xhr) ?? {};
  if (!id || document.activeElement !== document.body) return;
  const next = document.getElementById(id) ?? (then && document.querySelector(then));
  next?.focus({ preventScroll: true });
});
