// The video's form: what the chosen model can, what was refused and where.

import { t } from "../words.js";

export class VideoForm {
  constructor(element) {
    this.element = element;
    this.model = element.elements.model;
    this.usual = this.model.selectedOptions[0].dataset;
    this.model.addEventListener("change", () => this.tellModel());
    this.tellModel();
  }

  // Whose words stand on the button.
  get tool() {
    return this.element.elements.task;
  }

  get task() {
    return this.tool.value;
  }

  values() {
    return new FormData(this.element);
  }

  // Offers what the model takes; its own length takes the place of the other's, a length that was set stays.
  tellModel() {
    const { elements } = this.element;
    const chosen = this.model.selectedOptions[0].dataset;
    document.getElementById("model-hint").textContent = chosen.summary;
    const words = document.getElementById("words");
    words.hidden = elements.prompt.disabled = !("takesPrompt" in chosen);
    const end = this.element.querySelector("[data-end=end_image]");
    end.hidden = elements.end_image.disabled = !("takesEnd" in chosen);
    if (elements.seconds.value === this.usual.seconds) {
      elements.seconds.value = chosen.seconds;
      document.querySelector("[data-slides=seconds]").value = chosen.seconds;
    }
    elements.fps.placeholder = t("{number}, the model’s own", { number: chosen.fps });
    this.usual = chosen;
  }

  markErrors(errors) {
    this.clearErrors();
    return errors.map(({ field, message, link }) => {
      const place = document.getElementById(`${field}-error`) ?? document.getElementById("form-error");
      place.textContent = message;
      if (link) place.append(" ", Object.assign(document.createElement("a"), { href: link, textContent: t("Why, and how to appeal") }));
      place.hidden = false;
      this.element.elements[field]?.setAttribute?.("aria-invalid", "true");
      return place;
    });
  }

  // Marks what was refused and moves the focus to the first of it.
  showErrors(errors) {
    const [first] = this.markErrors(errors);
    if (!first) return;
    const fold = first.closest("details");
    if (fold) fold.open = true;
    (this.element.querySelector(`[aria-describedby~="${first.id}"]`) ?? first).focus();
    first.scrollIntoView({ block: "nearest" });
  }

  clearErrors() {
    for (const place of this.element.querySelectorAll(".field-error")) {
      place.textContent = "";
      place.hidden = true;
    }
    for (const field of this.element.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  }
}
