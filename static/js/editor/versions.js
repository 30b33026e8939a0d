// The versions of a picture: where one began and what came of it. One is shown; any can be gone on with. Those that
// came of it can be hidden: hiding the one on the board shows what lies under it.
import { read, write } from "./keeping.js";
import { t } from "../words.js";

const HIDDEN = "edit:hidden";

export class Versions extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { list: document.getElementById("versions"), all: [], shown: null });
    this.hidden = new Set(read(HIDDEN) ?? []);
    this.list.addEventListener("click", ({ target }) => {
      const eye = target.closest("[data-eye]");
      const button = target.closest("[data-ref]");
      if (eye) this.toggle(eye.dataset.eye);
      else if (button) this.show(button.dataset.ref);
    });
  }

  get current() {
    return this.all.find((version) => version.ref === this.shown) ?? null;
  }

  get visible() {
    return this.all.filter((version) => !this.hidden.has(version.ref));
  }

  // version: { ref, url, thumbnail, label, origin }; origin is the version it came from, with `margins` of an extension.
  add(version) {
    if (this.all.some((known) => known.ref === version.ref)) return;
    version.label = `${this.all.length + 1} ${version.label}`;
    this.all.push(version);
    const item = document.getElementById("version").content.cloneNode(true).firstElementChild;
    const button = item.querySelector(".version");
    const eye = item.querySelector(".version-eye");
    button.dataset.ref = version.ref;
    button.querySelector("img").src = version.thumbnail ?? version.url;
    button.querySelector("span").textContent = version.label;
    if (version.origin) Object.assign(eye.dataset, { eye: version.ref });
    else eye.remove();
    this.list.append(item);
    this.mark();
  }

  show(ref) {
    this.hidden.delete(ref);
    this.shown = ref;
    this.mark();
    this.dispatchEvent(new CustomEvent("show", { detail: this.current }));
  }

  toggle(ref) {
    const version = this.all.find((known) => known.ref === ref);
    if (!version?.origin) return; // what all began with lies under the rest
    if (this.hidden.delete(ref)) return this.show(ref);
    this.hidden.add(ref);
    const under = this.all.slice(0, this.all.indexOf(version)).filter((known) => !this.hidden.has(known.ref));
    if (ref === this.shown) return this.show(under.at(-1).ref);
    this.mark();
    this.dispatchEvent(new CustomEvent("show", { detail: this.current }));
  }

  step(by) {
    const { visible } = this;
    const next = visible[visible.findIndex((version) => version.ref === this.shown) + by];
    if (next) this.show(next.ref);
  }

  mark() {
    write(HIDDEN, [...this.hidden]);
    for (const button of this.list.querySelectorAll("[data-ref]")) {
      button.setAttribute("aria-pressed", String(button.dataset.ref === this.shown));
    }
    for (const eye of this.list.querySelectorAll("[data-eye]")) {
      const isHidden = this.hidden.has(eye.dataset.eye);
      const { label } = this.all.find((version) => version.ref === eye.dataset.eye);
      eye.closest("li").classList.toggle("is-hidden", isHidden);
      eye.ariaLabel = t(isHidden ? "Show {version}" : "Hide {version}", { version: label });
    }
  }
}
