// Says in words what went wrong with a passkey, beside the button that asked for it: allauth's scripts only log it.
import { t } from "./words.js";

const WORDS = {
  NotAllowedError: t("Nothing was confirmed. Try again, and answer what your device asks."),
  InvalidStateError: t("This device or key is here already."),
  SecurityError: t("Passkeys work on this site's own address over HTTPS only."),
  NotSupportedError: t("This device cannot do that. Use another one, or leave “without a password” off."),
};
const OTHERWISE = t("That did not work. Try again, or use another way.");

document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-trouble]");
  if (!place) return;
  event.preventDefault();
  place.querySelector("span").textContent = WORDS[event.detail.exception?.name] ?? OTHERWISE;
  place.hidden = false;
});

// A browser without passkeys is offered none.
for (const part of document.querySelectorAll("[data-needs-passkeys]")) part.hidden = !window.PublicKeyCredential;
