// Who logs out leaves nothing of theirs in this browser: drafts, what was painted, notes of the tab. The theme stays.
function leave() {
  try {
    for (const name of Object.keys(localStorage)) if (name !== "theme") localStorage.removeItem(name);
    sessionStorage.clear();
    indexedDB.deleteDatabase("editor");
  } catch {
    // Storage is closed to us: nothing was kept there either.
  }
}

document.addEventListener("submit", leave);
