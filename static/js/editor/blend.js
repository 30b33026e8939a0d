// The pictures of a blend and their weights: the one on the board first, up to three more. What is changed is told, and
// shown when it comes back from the history, so that it can be undone and outlives a reload.
import { urlOf } from "./pictures.js";
import { t } from "../words.js";

const MOST = 4;

export class Blend extends EventTarget {
  // Tells "parts" (the whole list, [{ ref, weight }, …]) when it was changed, "picture" when one was chosen to be added.
  constructor(chooser) {
    super();
    Object.assign(this, { chooser, list: document.getElementById("parts"), button: document.getElementById("add-part") });
    Object.assign(this, { parts: [], weights: [] });
    this.button.addEventListener("click", async () => {
      const picture = await this.chooser.choose();
      if (picture) this.dispatchEvent(new CustomEvent("picture", { detail: picture }));
    });
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-remove]");
      if (!button) return;
      this.tell(this.parts.filter((_, at) => at !== Number(button.dataset.remove)));
      this.button.focus();
    });
    this.list.addEventListener("input", ({ target }) => {
      this.weights[this.sliders.indexOf(target)] = Number(target.value);
      this.sayShares();
    });
    this.list.addEventListener("change", () => this.tell(this.parts.map(({ ref }, at) => ({ ref, weight: this.weights[at] }))));
  }

  add({ ref }) {
    if (this.parts.length < MOST) this.tell([...this.parts, { ref, weight: 1 }]);
  }

  tell(parts) {
    this.dispatchEvent(new CustomEvent("parts", { detail: parts.map(({ ref, weight }) => ({ ref, weight })) }));
  }

  // Shows the parts as the history has them; without any, the picture on the board alone.
  set(ref, parts = [{ ref, weight: 1 }]) {
    if (JSON.stringify(parts) === JSON.stringify(this.parts)) return;
    const isSame = parts.length === this.parts.length && parts.every((part, at) => part.ref === this.parts[at].ref);
    Object.assign(this, { parts, weights: parts.map(({ weight }) => weight) });
    if (isSame) this.sliders.forEach((slider, at) => (slider.value = parts[at].weight));
    else this.draw();
    this.sayShares();
  }

  // Alone, a picture has no weight yet.
  get values() {
    const weights = this.parts.length > 1 ? this.weights.map(String) : [];
    return { images: this.parts.map((part) => part.ref), weights };
  }

  get sliders() {
    return [...this.list.querySelectorAll("input")];
  }

  sayShares() {
    const sum = this.weights.reduce((total, weight) => total + weight, 0);
    this.list.querySelectorAll("output").forEach((output, at) => (output.value = `${Math.round((100 * this.weights[at]) / sum)} %`));
  }

  draw() {
    const line = document.getElementById("part");
    this.list.replaceChildren(
      ...this.parts.map((part, at) => {
        const item = line.content.cloneNode(true).firstElementChild;
        item.querySelector("img").src = urlOf(part.ref);
        Object.assign(item.querySelector("input"), { value: part.weight, ariaLabel: t("Weight of picture {number}", { number: at + 1 }) });
        const remove = item.querySelector("button");
        if (at === 0) remove.remove();
        else Object.assign(remove.dataset, { remove: at });
        remove.ariaLabel = t("Take picture {number} out", { number: at + 1 });
        return item;
      }),
    );
    this.button.hidden = this.parts.length >= MOST;
  }
}
