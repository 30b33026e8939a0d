// The two places for pictures: what the video begins with, and what it ends with.
export class Ends extends EventTarget {
  constructor(form, chooser) {
    super();
    this.pictures = {};
    this.places = new Map([...form.querySelectorAll("[data-end]")].map((place) => [place.dataset.end, place]));
    for (const [name, place] of this.places) {
      place.querySelector("[data-command=choose]").addEventListener("click", async () => {
        const picture = await chooser.choose();
        if (picture) this.set(name, picture);
      });
      place.querySelector("[data-command=clear]").addEventListener("click", () => this.set(name, null));
    }
  }

  has(name) {
    return Boolean(this.input(name).value);
  }

  // Takes a picture into the first place that is free; where none is, in the first of all.
  put(picture) {
    const end = this.places.get("end_image");
    const isFree = this.has("image") && !this.has("end_image") && !end.hidden;
    this.set(isFree ? "end_image" : "image", picture);
  }

  set(name, picture) {
    const place = this.places.get(name);
    const image = place.querySelector(".end-picture");
    this.pictures[name] = picture;
    this.input(name).value = picture?.ref ?? "";
    image.hidden = !picture;
    if (picture) image.src = picture.url;
    else image.removeAttribute("src");
    place.querySelector(".end-words").hidden = Boolean(picture);
    place.querySelector("[data-command=clear]").hidden = !picture;
    this.dispatchEvent(new Event("change"));
  }

  input(name) {
    return this.places.get(name).querySelector("input");
  }
}
