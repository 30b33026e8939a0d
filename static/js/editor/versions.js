// The versions of a picture: where one began and what came of it. One is shown; any can be gone on with.
export class Versions extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { list: document.getElementById("versions"), all: [], shown: null });
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-ref]");
      if (button) this.show(button.dataset.ref);
    });
  }

  get current() {
    return this.all.find((version) => version.ref === this.shown) ?? null;
  }

  // version: { ref, url, thumbnail, label, origin }; origin is the version it came from, with `margins` of an extension.
  add(version) {
    if (this.all.some((known) => known.ref === version.ref)) return;
    this.all.push(version);
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "version" });
    button.dataset.ref = version.ref;
    const image = Object.assign(new Image(), { src: version.thumbnail ?? version.url, alt: "" });
    const label = Object.assign(document.createElement("span"), { textContent: version.label });
    button.append(image, label);
    item.append(button);
    this.list.append(item);
    this.mark();
  }

  show(ref) {
    this.shown = ref;
    this.mark();
    this.dispatchEvent(new CustomEvent("show", { detail: this.current }));
  }

  step(by) {
    const at = this.all.findIndex((version) => version.ref === this.shown);
    const next = this.all[at + by];
    if (next) this.show(next.ref);
  }

  mark() {
    for (const button of this.list.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.ref === this.shown));
    }
  }
}
