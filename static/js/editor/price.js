// The price, in the button at every moment: asked for a little after each change, the newest answer wins.
const WAIT_MS = 150;
const RETRY_MS = 3000;

export class Price {
  // values(): the form as it would be sent now, or words for what is still missing.
  constructor(form, values) {
    Object.assign(this, { form, values, timer: 0, asked: null, credits: null, hasMarked: false });
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
    if (!(values instanceof FormData)) return this.wait(values);
    const { element } = this.form;
    const headers = { "X-CSRFToken": element.elements.csrfmiddlewaretoken.value };
    try {
      const response = await fetch(element.dataset.price, { method: "POST", headers, body: values, signal: this.asked.signal });
      const answer = await response.json();
      if (this.hasMarked) this.form.clearErrors();
      this.hasMarked = false;
      if (response.ok) this.say(answer);
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

  wait(words = "") {
    this.say(null);
    this.line.textContent = words;
  }

  say(answer) {
    this.credits = answer?.credits ?? null;
    this.line.textContent = answer ? `${counted(answer.credits)} · ${answer.line}` : " ";
    this.left.textContent = answer && !answer.missing ? `${(answer.balance - answer.credits).toLocaleString()} left after` : "";
    this.missing.hidden = !answer?.missing;
    if (answer?.missing) {
      document.getElementById("missing-words").textContent = `You have ${counted(answer.balance)}, this costs ${answer.credits.toLocaleString()}.`;
    }
    this.label();
  }

  label(busy = "") {
    const verb = this.form.tool?.dataset.verb ?? "";
    this.button.textContent = busy || (this.credits === null ? verb : `${verb} · ${counted(this.credits)}`);
    this.button.disabled = Boolean(busy) || this.credits === null || !this.missing.hidden;
  }
}

const counted = (credits) => `${credits.toLocaleString()} ${credits === 1 ? "credit" : "credits"}`;
