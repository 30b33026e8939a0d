// What somebody is typing in stays as it is while the page around it is morphed. Only fields: of anything else that
// has the focus (the name of the chosen model, say) the new words must come.
document.addEventListener("htmx:beforeSwap", () => {
  Idiomorph.defaults.ignoreActiveValue = document.activeElement?.matches("input, textarea") ?? false;
});

// What somebody opened stays open: an answer has everything as it is first seen.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node, kind) => kind !== "remove" || name !== "open" || !node.matches("details");
