// The price, in the button at every moment: asked for a little after each change, the newest answer wins. While
// something is missing or refused the button is disabled and the tool's last price stays on it.

import { OutOfDate, post } from "../asking.js";
import { number, t, tn } from "../words.js";

const WAIT_MS = 150;
const RETRY_MS = 3000;
const RETRY_MOST_MS = 60_000;

export class Price {
  // values(): the form as it would be sent now, null without a picture. lack(): words for what is still missing, or null.
  constructor(form, values, lack) {
    Object.assign(this, { form, values, lack, timer: 0, retry: RETRY_MS, asked: null, isReady: false, sending: "", hasMarked: false });
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
    // Who looks at the page as somebody else is told no price: whatever is sent is refused.
    if (document.getElementById("view-as-bar")) return this.wait(this.lack());
    const values = this.values();
    if (!values) return this.wait(this.lack());
    const { element, task } = this.form;
    try {
      const response = await post(element, element.dataset.price, values, { signal: this.asked.signal });
      const answer = await response.json();
      this.retry = RETRY_MS;
      if (this.hasMarked) this.form.clearErrors();
      this.hasMarked = false;
      if (response.ok) this.say(answer, task);
      else if (response.status === 422) this.refuse(answer.errors);
    } catch (error) {
      if (error instanceof OutOfDate) this.wait(error.message);
      // The last price stays on the button; a lost connection says so itself, and asks again when it is back.
      else if (error.name !== "AbortError") this.askLater();
    }
  }

  // Later each time: a server that has just begun answers soon, one that is broken is left alone.
  askLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), this.retry);
    this.retry = Math.min(2 * this.retry, RETRY_MOST_MS);
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

  // While the form is sent the button says so, whatever prices come meanwhile; "" when it is over.
  send(words) {
    this.sending = words;
    this.label();
  }

  label() {
    const verb = this.form.tool?.dataset.verb ?? "";
    const credits = this.known[this.form.task];
    this.button.textContent = this.sending || (credits === undefined ? verb : `${verb} · ${counted(credits)}`);
    this.button.disabled = Boolean(this.sending) || !this.isReady || credits === undefined || !this.missing.hidden;
  }
}

const counted = (credits) => tn("{count} credit", "{count} credits", credits);
