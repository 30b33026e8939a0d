// A form that takes a while to send says so on its button, and is sent once.
let sent = null;

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.dataset.sending || event.defaultPrevented) return;
  if (sent) return event.preventDefault();
  const button = submitter ?? form.querySelector("[type=submit]");
  sent = { button, words: [...button.childNodes] };
  button.setAttribute("aria-busy", "true");
  button.replaceChildren(form.dataset.sending);
});

function restore() {
  sent.button.removeAttribute("aria-busy");
  sent.button.replaceChildren(...sent.words);
  sent = null;
}

// Back again, out of the browser's cache.
addEventListener("pageshow", (event) => event.persisted && sent && restore());

// Who stopped the browser meanwhile is still here, and chooses something else.
document.addEventListener("change", (event) => sent && event.target.form === sent.button.form && restore());
