// What scripts say, in the reader's language. A page in another language than English brings a table of its own
// (`getimg_site/script_words.py`); the English words are the keys. Places are written {so}.
const table = JSON.parse(document.getElementById("script-words")?.textContent ?? "{}");

// How that language writes numbers and days: as the server does, which says the day first in English. See ADR 19.
const language = document.documentElement.lang;
export const locale = language.startsWith("en") ? "en-GB" : language;

export const number = (value) => value.toLocaleString(locale);

export function t(words, places = {}) {
  return fill(table[words] ?? words, places);
}

// Of what is counted: the form that a number takes, which stands at {count}. Another language's forms come with a digit
// for each of the numbers from 0 to 199, which says the form; beyond, the last two digits tell it.
export function tn(one, many, count, places = {}) {
  const { forms, of } = table[one] ?? { forms: [many, one], of: "" };
  const form = of ? of[count < 200 ? count : 100 + (count % 100)] : Number(count === 1);
  return fill(forms[form], { count: number(count), ...places });
}

function fill(words, places) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
}
