// The price, in the button at every moment: asked for a little after each change, the newest answer wins. While
// something is missing or refused the button is disabled and the tool's last price stays on it.

import { number, t, tn } from "../words.js";

const WAIT_MS = 150;
const RETRY_MS = 3000;

export class Price {
  // values(): the form as it would be sent now, null without a picture. lack(): words for what is still missing, or null.
  constructor(form, values, lack) {
    Object.assign(this, { form, values, lack, timer: 0, asked: null, isReady: false, hasMarked: false });
    // The last price of each tool, in credits.
    this.known = {};
    this.button = document.getElementById("generate");
    this.line = document.getElementById("price-line");
    this.left = document.getElementById("price-left");
    this.missing = document.getElementById("missing");
    addEventListener("online", () => this.ask());
  }

  askSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    this.asked?.abort();
    this.asked = new AbortController();
    const values = this.values();
    if (!values) return this.wait(this.lack());
    const { element, task } = this.form;
    const headers = { "X-CSRFToken": element.elements.csrfmiddlewaretoken.value };
    try {
      const response = await fetch(element.dataset.price, { method: "POST", headers, body: values, signal: this.asked.signal });
      const answer = await response.json();
      if (this.hasMarked) this.form.clearErrors();
      this.hasMarked = false;
      if (response.ok) this.say(answer, task);
      else if (response.status === 422) this.refuse(answer.errors);
    } catch (error) {
      // The last price stays on the button; a lost connection says so itself, and asks again when it is back.
      if (error.name !== "AbortError") this.timer = setTimeout(() => this.ask(), RETRY_MS);
    }
  }

  // What the form refuses stands beside its field, without taking the focus from whoever is still typing.
  refuse(errors) {
    this.wait(errors[0]?.message);
    this.form.markErrors(errors);
    this.hasMarked = true;
  }

  wait(words) {
    this.isReady = false;
    this.line.textContent = words || "\u00a0";
    this.left.textContent = "";
    this.missing.hidden = true;
    this.label();
  }

  say(answer, task) {
    this.known[task] = answer.credits;
    const lack = this.lack();
    if (lack) return this.wait(lack);
    this.isReady = true;
    this.line.textContent = `${counted(answer.credits)} · ${answer.line}`;
    this.left.textContent = answer.missing ? "" : tn("{count} left after", "{count} left after", answer.balance - answer.credits);
    this.missing.hidden = !answer.missing;
    if (answer.missing) {
      document.getElementById("missing-words").textContent = t("You have {balance}, this costs {price}.", { balance: counted(answer.balance), price: number(answer.credits) });
    }
    this.label();
  }

  label(busy = "") {
    const verb = this.form.tool?.dataset.verb ?? "";
    const credits = this.known[this.form.task];
    this.button.textContent = busy || (credits === undefined ? verb : `${verb} · ${counted(credits)}`);
    this.button.disabled = Boolean(busy) || !this.isReady || credits === undefined || !this.missing.hidden;
  }
}

const counted = (credits) => tn("{count} credit", "{count} credits", credits);
