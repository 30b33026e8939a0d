// What scripts say, in the reader's language. A page in another language than English brings a table of its own
// (`getimg_site/script_words.py`); the English words are the keys. Places are written {so}.
const table = JSON.parse(document.getElementById("script-words")?.textContent ?? "{}");

export function t(words, places = {}) {
  return (table[words] ?? words).replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
}
