// Runs of the editor: sent, followed with the same parts of a page that Create uses, their pictures told as they come.
// The last ones of a picture are kept for the tab, so that a reload brings them and their pictures back.
import { send } from "../asking.js";
import { read, write } from "./keeping.js";

const KEPT = 8;
const slot = (ref) => `edit:${ref}:runs`;

export class Runs extends EventTarget {
  constructor(form) {
    super();
    Object.assign(this, { form, list: document.getElementById("runs"), seen: new Set(), origins: new Map() });
    document.addEventListener("htmx:afterSettle", () => this.look());
    // Before the answer takes the place of the button: whose it was.
    this.list.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
      if (target === this.list) this.repeated = detail.requestConfig.elt.closest("article.run")?.id.replace("run-", "");
    });
    // A press on a picture shows it on the board; a new tab still opens its page.
    this.list.addEventListener("click", (event) => {
      const link = event.target.closest(".tile-link");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.dispatchEvent(new CustomEvent("pick", { detail: pictureId(link) }));
    });
  }

  // Sends the form; origin says what the results are compared with. Returns the errors, if any.
  async send(values, origin) {
    const answer = await send(this.form.element, values);
    if (answer.errors) return answer.errors;
    const { id, url } = answer.run;
    this.keep({ id, url }, origin);
    await this.follow({ id, url: `${url}?balance` }, origin);
    return [];
  }

  keep({ id, url }, { ref, margins, label }) {
    write(slot(ref), [...(read(slot(ref)) ?? []), { id, url, margins, label }].slice(-KEPT));
  }

  // Brings back what was made of a picture before the page was loaded anew.
  async restore({ ref, image }) {
    for (const kept of read(slot(ref)) ?? []) {
      if (!this.origins.has(kept.id)) await this.follow(kept, { ref, image, margins: kept.margins, label: kept.label, isRestored: true });
    }
  }

  follow({ id, url }, origin) {
    this.origins.set(id, origin);
    return htmx.ajax("GET", url, { target: "#runs", swap: "afterbegin" });
  }

  // What is drawn again is of the same picture and tool as the run that it repeats.
  repeat(id, url) {
    const origin = this.origins.get(this.repeated);
    if (!origin) return;
    this.origins.set(id, { ...origin, isRestored: false });
    this.keep({ id, url }, origin);
  }

  look() {
    for (const run of this.list.querySelectorAll("article.run")) {
      const id = run.id.replace("run-", "");
      if (!this.origins.has(id)) this.repeat(id, run.querySelector(".run-prompt a").pathname);
      for (const link of run.querySelectorAll(".tile-link")) {
        const picture = pictureId(link);
        if (this.seen.has(picture)) continue;
        this.seen.add(picture);
        const origin = this.origins.get(id) ?? null;
        const thumbnail = link.querySelector("img:last-of-type").src;
        this.dispatchEvent(new CustomEvent("picture", { detail: { id: picture, thumbnail, origin } }));
      }
      const { face } = run.dataset;
      if (run.dataset.told !== face && !["waiting", "working"].includes(face)) {
        run.dataset.told = face;
        this.dispatchEvent(new CustomEvent("ended", { detail: face }));
      }
    }
  }
}

const pictureId = (link) => link.pathname.split("/").filter(Boolean).at(-1);
