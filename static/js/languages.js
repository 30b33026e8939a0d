// The tabs of code: a choice counts for every snippet, and is remembered. Without this, all languages stand one below the other.
const KEY = "docs-language";
const snippets = [...document.querySelectorAll("[data-snippet]")];

function show(language) {
  for (const snippet of snippets) {
    const tabs = [...snippet.querySelectorAll("[role=tab]")];
    snippet.classList.add("is-ready");
    const chosen = tabs.find((tab) => tab.dataset.language === language) ?? tabs[0];
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
    }
  }
}

function choose(tab) {
  const before = tab.getBoundingClientRect().top;
  show(tab.dataset.language);
  // Snippets above may be longer in another language: what was pressed stays where it is.
  window.scrollBy(0, tab.getBoundingClientRect().top - before);
  try {
    localStorage.setItem(KEY, tab.dataset.language);
  } catch {
    // Private windows may refuse; the choice then holds for this page.
  }
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-snippet] [role=tab]");
  if (tab) choose(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[data-snippet] [role=tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !step) return;
  const tabs = [...tab.parentElement.children];
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  choose(next);
  next.focus();
});

let remembered = "sh";
try {
  remembered = localStorage.getItem(KEY) ?? "sh";
} catch {
  // As above.
}
show(remembered);
