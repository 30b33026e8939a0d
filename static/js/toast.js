// Shows a short message (toasts.js). A module of its own, for what runs when it is read would run once for each import.
export const toast = (words) => document.dispatchEvent(new CustomEvent("toast", { detail: words }));
