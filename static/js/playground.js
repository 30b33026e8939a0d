// Prices a request before it is sent, sends it from the page, follows it to its pictures, and writes it as code.

import { t, tn } from "./words.js";

const form = document.getElementById("playground");
const answer = document.getElementById("playground-answer");
const pictures = document.getElementById("playground-pictures");
const price = document.getElementById("playground-price");
// What a price does not depend on.
const WORDS = ["prompt", "negativePrompt", "seed"];
const PAUSE = 400; // milliseconds
const WHOLE_KEY = /^gi_(live|test)_[0-9A-Za-z]{40}$/;
const NUMBERS = new Set(["width", "height", "numImages", "steps", "guidanceScale", "seed"]);

function body() {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    if (name !== "key" && value !== "") found[name] = NUMBERS.has(name) ? Number(value) : value;
  }
  return found;
}

function show(status, document_) {
  answer.textContent = `${status}\n${JSON.stringify(document_, null, 2)}`;
  pictures.replaceChildren(
    ...(document_.images ?? []).map((url) => {
      const picture = document.createElement("img");
      picture.src = url;
      picture.alt = form.elements.prompt.value;
      return picture;
    }),
  );
}

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${key()}`, ...options.headers };
  // Without the visitor's cookies: what answers is the key alone.
  const response = await fetch(form.dataset.api + path, { ...options, headers, credentials: "omit" });
  const found = await response.json();
  show(`${response.status} ${response.statusText}`.trim(), found);
  return { response, found };
}

const key = () => form.elements.key.value.trim();
let asked = "";
let timer;

// Says what the request costs as it stands; of answers that overtake each other the one to the last question counts.
async function showPrice() {
  const fields = body();
  for (const name of WORDS) delete fields[name];
  const question = JSON.stringify([key(), fields]);
  if (question === asked) return;
  asked = question;
  price.textContent = "…";
  let isLost = false;
  let words = t("Type a key to see the price. A test key costs nothing.");
  try {
    if (WHOLE_KEY.test(key())) words = await priced(fields);
  } catch (error) {
    words = t("The API could not be reached: {why}", { why: error.message });
    isLost = true;
  }
  if (question !== asked) return;
  price.textContent = words;
  if (isLost) asked = ""; // so that the next change asks again
}

async function priced(fields) {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${key()}` };
  const options = { method: "POST", headers, body: JSON.stringify(fields), credentials: "omit" };
  const response = await fetch(`${form.dataset.api}/v1/diffusions/quote`, options);
  const found = await response.json();
  if (!response.ok) return t("No price yet: {why}", { why: found.error.message });
  if (key().startsWith("gi_test_")) return t("This costs nothing: the key is a test key.");
  return t("This costs {credits}.", { credits: tn("{count} API credit", "{count} API credits", found.credits) });
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(showPrice, PAUSE);
});
showPrice();

// A request keeps its key until it was followed to its end: pressed again after a lost answer, it is the same run.
let sent = null;

function keyFor(text) {
  if (sent?.text !== text) sent = { text, key: crypto.randomUUID?.() ?? String(Math.random()) };
  return sent.key;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  answer.textContent = t("On its way …");
  pictures.replaceChildren();
  try {
    const text = JSON.stringify(body());
    const headers = { "Content-Type": "application/json", "Idempotency-Key": keyFor(text) };
    let { response, found } = await ask("/v1/diffusions", { method: "POST", headers, body: text });
    while (response.ok && ["NEW", "PROCESSING"].includes(found.status)) {
      await new Promise((done) => setTimeout(done, 1000));
      ({ response, found } = await ask(`/v1/diffusions/${found.id}`));
    }
    // Not after "too many requests", nor after an error of the server: the run may have been made.
    if (response.status < 500 && response.status !== 429) sent = null;
  } catch (error) {
    answer.textContent = t("The API could not be reached: {why}", { why: error.message });
  } finally {
    button.disabled = false;
  }
});

// The fields are texts and numbers, which JSON, JavaScript and Python write alike.
function indented(fields, spaces) {
  return JSON.stringify(fields, null, 2).replaceAll("\n", `\n${" ".repeat(spaces)}`);
}

const WRITERS = {
  sh: (url, key, fields) =>
    `curl -X POST ${url} \\\n  -H 'Authorization: Bearer ${key}' \\\n  -d '${JSON.stringify(fields).replaceAll("'", "'\\''")}'`,
  mjs: (url, key, fields) =>
    `const response = await fetch(${JSON.stringify(url)}, {\n  method: "POST",\n  headers: { Authorization: "Bearer ${key}" },\n  body: JSON.stringify(${indented(fields, 2)}),\n});\nconsole.log(await response.json());`,
  py: (url, key, fields) =>
    `import requests\n\nresponse = requests.post(\n    ${JSON.stringify(url)},\n    headers={"Authorization": "Bearer ${key}"},\n    json=${indented(fields, 4)},\n    timeout=30,\n)\nprint(response.json())`,
};

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-as]");
  if (!button) return;
  const url = `${form.dataset.shownApi}/v1/diffusions`;
  const code = WRITERS[button.dataset.copyAs](url, key() || "YOUR_API_KEY", body());
  const copier = document.createElement("button");
  copier.type = "button"; // else it would send the form
  copier.hidden = true;
  copier.dataset.copy = code;
  copier.dataset.copyName = button.dataset.language;
  form.append(copier);
  copier.click();
  copier.remove();
});
