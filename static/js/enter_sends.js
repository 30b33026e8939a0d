// A field that looks like one line is sent by Enter; Shift-Enter begins a new line.
document.addEventListener("keydown", (event) => {
  const field = event.target.closest("[data-enter-sends]");
  if (!field || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  field.form.requestSubmit();
});
