// The pictures of a blend and their weights: the one on the board first, up to three more.
const MOST = 4;

export class Blend extends EventTarget {
  constructor(chooser) {
    super();
    Object.assign(this, { chooser, list: document.getElementById("parts"), button: document.getElementById("add-part"), parts: [] });
    this.button.addEventListener("click", async () => {
      const picture = await this.chooser.choose();
      if (picture) this.add(picture);
    });
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-remove]");
      if (button) this.remove(Number(button.dataset.remove));
    });
    this.list.addEventListener("input", (event) => {
      this.parts[Number(event.target.dataset.part)].weight = Number(event.target.value);
    });
  }

  // The board's picture is always the first.
  begin(picture) {
    this.parts = [{ ...picture, weight: this.parts[0]?.weight ?? 1 }, ...this.parts.slice(1)];
    this.draw();
  }

  fill(parts) {
    this.parts = parts;
    this.draw();
  }

  add(picture) {
    if (this.parts.length >= MOST) return;
    this.parts.push({ ...picture, weight: 1 });
    this.draw();
  }

  remove(at) {
    this.parts.splice(at, 1);
    this.draw();
    this.button.focus();
  }

  get values() {
    return { images: this.parts.map((part) => part.ref), weights: this.parts.map((part) => String(part.weight)) };
  }

  draw() {
    const line = document.getElementById("part");
    this.list.replaceChildren(
      ...this.parts.map((part, at) => {
        const item = line.content.cloneNode(true).firstElementChild;
        item.querySelector("img").src = part.url;
        const slider = item.querySelector("input");
        Object.assign(slider, { value: part.weight, ariaLabel: `Weight of picture ${at + 1}` });
        slider.dataset.part = at;
        const remove = item.querySelector("button");
        if (at === 0) remove.remove();
        else Object.assign(remove.dataset, { remove: at });
        remove.ariaLabel = `Take picture ${at + 1} out`;
        return item;
      }),
    );
    this.button.hidden = this.parts.length >= MOST;
    this.dispatchEvent(new Event("change"));
  }
}
