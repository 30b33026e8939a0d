// Keeps the form and its pictures for the tab: a reload, a new log-in or a detour loses nothing.
import { read, write } from "../editor/keeping.js";
import { urlOf } from "../editor/pictures.js";

const slotOf = (field) => (field.type === "checkbox" ? `${field.name} ${field.value}` : field.name);
const addressNow = () => location.pathname + location.search;

export class Draft {
  // Brings back what was kept; an address that names a run, a video or a picture is newer than what was kept elsewhere.
  constructor(form, ends) {
    Object.assign(this, { form, ends, slot: `video:form:${form.dataset.draft}` });
    const { from, fields = {}, pictures = {} } = read(this.slot) ?? {};
    const address = addressNow();
    const asks = new URLSearchParams(location.search);
    const isSame = from === address;
    if (isSame || !(asks.has("branch") || asks.has("from"))) this.fill(fields);
    this.pictures = {};
    if (isSame || address === form.dataset.page) this.recall(pictures);
    for (const kind of ["input", "change"]) document.addEventListener(kind, () => this.keep());
    ends.addEventListener("change", () => this.keep());
  }

  // The links that were kept have an end; those of the names have none.
  recall(pictures) {
    for (const [name, picture] of Object.entries(pictures)) this.pictures[name] = picture && { ...picture, url: urlOf(picture.ref) };
  }

  // The address names nothing any more: pressed again, it is taken over anew, and a reload keeps what was changed since.
  settle() {
    const { page } = this.form.dataset;
    if (addressNow() === page) return;
    history.replaceState(null, "", page);
    this.keep();
  }

  get fields() {
    return [...this.form.elements].filter((field) => field.name && field.type !== "hidden");
  }

  // The model first: it says what the others take.
  fill(kept) {
    const { model } = this.form.elements;
    for (const field of [model, ...this.fields.filter((other) => other !== model)]) {
      const value = kept[slotOf(field)];
      const isOffered = !field.options || [...field.options].some((option) => option.value === value);
      if (value === undefined || !isOffered) continue;
      if (field.type === "checkbox") field.checked = value;
      else field.value = value;
      field.dispatchEvent(new Event(field === model ? "change" : "input", { bubbles: true }));
    }
  }

  keep() {
    const fields = Object.fromEntries(this.fields.map((field) => [slotOf(field), field.type === "checkbox" ? field.checked : field.value]));
    write(this.slot, { from: addressNow(), fields, pictures: this.ends.pictures });
  }
}
