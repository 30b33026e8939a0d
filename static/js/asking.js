// How scripts send: as htmx does, so that who was logged out meanwhile is led to the log-in, and back here afterwards.

import { t } from "./words.js";

const said = (message) => ({ errors: [{ field: "form", message }] });

// What a reload mends; its words are for the person.
export class OutOfDate extends Error {
  constructor() {
    super(t("This page is out of date. Reload it and try again."));
  }
}

// Answers as fetch() does. form: what holds the token. lost: the words where no answer came.
export async function post(form, url, body, { lost = "", headers = {}, signal = null } = {}) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const told = { "X-CSRFToken": token, "HX-Request": "true", "HX-Current-URL": location.href, ...headers };
  const response = await fetch(url, { method: "POST", headers: told, body, signal }).catch((error) => {
    throw signal?.aborted ? error : new Error(lost);
  });
  const login = response.headers.get("HX-Redirect");
  if (login) {
    location.assign(login);
    return new Promise(() => {}); // this page goes, and has nothing to say of it
  }
  if (response.status === 403) throw new OutOfDate();
  return response;
}

// Sends a form that makes a run. Returns the answer, which is { errors } where something was refused.
export async function send(form, values) {
  try {
    const response = await post(form, form.action, values, { headers: { Accept: "application/json" } });
    const answer = await response.json();
    if (response.ok) form.elements.key.value = answer.key;
    else if (response.status !== 422) throw new Error();
    return answer;
  } catch (error) {
    if (error instanceof OutOfDate) return said(error.message);
    // Also what a proxy says in the server's place: the run may have been made.
    return said(t("The answer was lost on its way. Press again: the same press never makes two."));
  }
}
