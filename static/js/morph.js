// What somebody is typing in stays as it is while the page around it is morphed. Only fields: of anything else that
// has the focus (the name of the chosen model, say) the new words must come.
document.addEventListener("htmx:beforeSwap", () => {
  Idiomorph.defaults.ignoreActiveValue = document.activeElement?.matches("input, textarea") ?? false;
});
