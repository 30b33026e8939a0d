// Who logs out leaves nothing of theirs in this browser: drafts, what was painted, notes of the tab. The theme stays.
// Every form that leads to a log-out counts, the admin's too, and the one that erases the account.
function leaves(form) {
  // Who looks at the site as somebody else is refused, and leaves nothing.
  if (document.getElementById("view-as-bar")) return false;
  // Not form.action: that is a button named so, where there is one.
  if (new URL(form.getAttribute("action") ?? "", location.href).pathname.endsWith("/logout/")) return true;
  // An account is erased by typing its address; any other is refused, and who mistyped it stays.
  return "leaves" in form.dataset && form.elements.address.value.trim().toLowerCase() === form.dataset.leaves;
}

function leave() {
  try {
    for (const name of Object.keys(localStorage)) if (name !== "theme") localStorage.removeItem(name);
    sessionStorage.clear();
    indexedDB.deleteDatabase("editor");
  } catch {
    // Storage is closed to us: nothing was kept there either.
  }
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !leaves(event.target)) return;
  leave();
  // What the page still notes while the answer is on its way goes with it.
  window.addEventListener("pagehide", leave, { once: true });
});
