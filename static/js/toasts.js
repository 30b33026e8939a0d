// Short messages: those the page came with, and those other modules send as a "toast" event. They go by themselves.
const SECONDS = 6;
const list = document.getElementById("toasts");

function leave(toast) {
  // What holds a button stays longer, and as long as somebody is at it.
  const seconds = toast.hasAttribute("data-stays") ? 3 * SECONDS : SECONDS;
  setTimeout(function go() {
    if (toast.matches(":hover, :focus-within")) setTimeout(go, 1000);
    else toast.remove();
  }, 1000 * seconds);
}

// Whoever puts them there: this module, or an answer that htmx brought. What lasts is taken away by who put it there.
new MutationObserver((changes) => {
  for (const change of changes) for (const toast of change.addedNodes) if (toast instanceof HTMLElement && !toast.hasAttribute("data-lasts")) leave(toast);
}).observe(list, { childList: true });

document.addEventListener("toast", (event) => {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = event.detail;
  list.append(toast);
});

for (const toast of list.children) leave(toast);

// The offer to undo belongs to this visit, not to the address.
const address = new URL(location.href);
if (address.searchParams.has("deleted") || address.searchParams.has("gone")) {
  address.searchParams.delete("deleted");
  address.searchParams.delete("gone");
  history.replaceState(null, "", address);
}
