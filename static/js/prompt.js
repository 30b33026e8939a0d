// The prompt: its length when that matters, suggestions that fill it, and pictures that lend their words or seed.
const SHOWN_FROM = 0.8;

function count(field) {
  const counter = document.querySelector(`[data-counts="${field.id}"]`);
  if (!counter) return;
  const bound = Number(counter.dataset.bound);
  // As the server counts: characters, not UTF-16 units, without blanks at the ends.
  const length = [...field.value.trim()].length;
  counter.hidden = length < SHOWN_FROM * bound;
  counter.classList.toggle("is-over", length > bound);
  counter.textContent = `${length} / ${bound}`;
}

function fill(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.addEventListener("input", (event) => {
  if (event.target.id === "prompt") count(event.target);
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const suggestion = event.target.closest("[data-fills-prompt]");
  const lender = event.target.closest("[data-takes]");
  if (suggestion) {
    event.preventDefault();
    fill(document.getElementById("prompt"), suggestion.dataset.fillsPrompt);
  } else if (lender) {
    event.preventDefault();
    take(lender);
  }
});

async function take(lender) {
  if (lender.dataset.takes === "seed") {
    document.getElementById("advanced").open = true;
    fill(document.getElementById("seed"), lender.dataset.seed);
    document.getElementById("seed").scrollIntoView({ block: "nearest" });
    return;
  }
  document.activeElement?.blur();
  await htmx.ajax("GET", lender.href, { target: "#create-form", select: "#create-form", swap: "morph:outerHTML" });
  const prompt = document.getElementById("prompt");
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  prompt.focus();
}

count(document.getElementById("prompt"));
