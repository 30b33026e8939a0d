// The editor's form: which fields belong to the chosen tool, what was refused and where, and a draft of it all.
import { read, write } from "./keeping.js";
import { t } from "../words.js";

const WORDLESS = ["remove-background", "upscale"];
const LEFT_OUT = ["csrfmiddlewaretoken", "key", "mask", "strokes", "image", "images", "weights"];

// Whether each tool has a value of its own in a field that several share.
const isOfTool = (field) => Boolean(field.dataset.defaults) || field.name === "model";

export class EditForm extends EventTarget {
  constructor(element) {
    super();
    this.element = element;
    this.slot = `edit:form:${element.dataset.draft}`;
    // What was set by hand where each tool has a value of its own: "task name" to value.
    this.chosen = {};
    this.restore();
    element.addEventListener("input", (event) => {
      const { slides } = event.target.dataset;
      const field = slides ? document.getElementById(slides) : event.target;
      if (isOfTool(field)) this.chosen[`${this.task} ${field.name}`] = event.target.value;
      this.keep();
    });
    element.elements.model.addEventListener("change", () => this.tellModel());
    for (const name of ["control", "is_map"]) element.elements[name].addEventListener("change", () => this.showThresholds());
    for (const radio of element.querySelectorAll("[name=task]")) radio.addEventListener("change", () => this.showTool());
  }

  get tool() {
    return this.element.querySelector("[name=task]:checked");
  }

  chooseTool(task) {
    this.element.querySelector(`[name=task][value="${task}"]`).checked = true;
    this.showTool();
  }

  // Writes settings by their names into the fields that there are for them.
  fill(values) {
    for (const [name, value] of Object.entries(values)) {
      for (const field of this.element.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "radio") field.checked = field.value === String(value);
        else if (field.type === "checkbox") field.checked = value === true || field.value === value;
        else if (!field.options || [...field.options].some((option) => option.value === String(value))) field.value = value ?? "";
        this.slide(field);
        if (isOfTool(field)) this.chosen[`${values.task ?? this.task} ${name}`] = field.value;
      }
    }
    this.showTool();
  }

  slide(field) {
    document.querySelectorAll(`[data-slides="${field.id}"]`).forEach((slider) => (slider.value = field.value));
  }

  get toolName() {
    return this.tool?.parentElement.textContent.trim() ?? "";
  }

  get task() {
    return this.tool?.value ?? "";
  }

  // "mask", "strokes" or "": what one paints for this tool.
  get marks() {
    return this.tool?.dataset.marks ?? "";
  }

  // Shows what the tool has, hides the rest and keeps it from being sent.
  showTool() {
    const { task } = this;
    for (const part of this.element.querySelectorAll(".own")) {
      part.disabled = part.hidden = !part.dataset.for.split(" ").includes(task);
    }
    for (const hint of this.element.querySelectorAll(".tool-hint")) hint.hidden = hint.dataset.for !== task;
    const words = this.element.querySelector("#words");
    words.disabled = words.hidden = WORDLESS.includes(task);
    this.element.elements.prompt.placeholder = this.tool?.dataset.words ?? "";
    this.setDefaults();
    this.offerModels();
    this.clearErrors();
    this.keep();
    this.dispatchEvent(new Event("tool"));
  }

  // Fields that several tools share have each tool's own value: what was set for it, or its default.
  setDefaults() {
    for (const field of this.element.querySelectorAll("[data-defaults]")) {
      const usual = Object.fromEntries(field.dataset.defaults.split(" ").map((pair) => pair.split(":")))[this.task];
      if (usual === undefined) continue;
      field.value = this.chosen[`${this.task} ${field.name}`] ?? usual;
      this.slide(field);
    }
  }

  offerModels() {
    const list = this.element.elements.model;
    for (const option of list.options) option.disabled = option.hidden = !option.dataset.tasks.split(" ").includes(this.task);
    const able = [...list.options].filter((option) => !option.disabled).map(({ value }) => value);
    const chosen = this.chosen[`${this.task} model`];
    if (!able.includes(list.value)) list.value = able.includes(chosen) ? chosen : (able[0] ?? "");
    this.tellModel();
  }

  // Says what the chosen model is like, what it can't do with this tool and how it blends, and offers what it has: schedulers, and what can guide it.
  tellModel() {
    const { control, guidance_scale: guidance, model, scheduler, steps } = this.element.elements;
    const facts = model.selectedOptions[0]?.dataset ?? {};
    const limit = JSON.parse(facts.limits ?? "{}")[this.task];
    document.getElementById("model-says").textContent = [facts.about, limit].filter(Boolean).join(" ");
    document.getElementById("blends").textContent = facts.blends ?? "";
    Object.assign(steps, { placeholder: t("The model’s own, {number}", { number: facts.steps }), max: facts.most });
    guidance.placeholder = t("The model’s own, {number}", { number: facts.guidance });
    offer(scheduler, ["", ...(facts.schedulers ?? "").split(" ")]);
    offer(control, (facts.controls ?? "").split(" "));
    this.showThresholds();
  }

  // Only edges are found by thresholds, and only where they are not drawn already.
  showThresholds() {
    const { control, is_map: isMap } = this.element.elements;
    const part = document.getElementById("thresholds");
    part.disabled = part.hidden = this.task !== "controlnet" || control.value !== "canny" || isMap.checked;
  }

  // What is sent: the form's own fields and the pictures.
  values(pictures) {
    const values = new FormData(this.element);
    for (const [name, value] of Object.entries(pictures)) {
      for (const one of [value].flat()) values.append(name, one);
    }
    return values;
  }

  markErrors(errors) {
    this.clearErrors();
    return errors.map(({ field, message, link }) => this.place(field, message, link));
  }

  // Marks what was refused and moves the focus to the first of it.
  showErrors(errors) {
    const [first] = this.markErrors(errors);
    if (!first) return;
    const sheet = first.closest("[popover]");
    if (sheet && getComputedStyle(sheet).display === "none") sheet.showPopover();
    const control = this.element.querySelector(`[aria-describedby~="${first.id}"]`);
    const fold = first.closest("details");
    if (fold) fold.open = true;
    (control ?? first).focus();
    first.scrollIntoView({ block: "nearest" });
  }

  place(field, message, link) {
    const own = ["image", "mask", "strokes"].includes(field) ? "picture-error" : `${field}-error`;
    const place = document.getElementById(own) ?? document.getElementById("form-error");
    place.textContent = message;
    if (link) place.append(" ", Object.assign(document.createElement("a"), { href: link, textContent: t("Why, and how to appeal") }));
    place.hidden = false;
    const control = this.element.elements[field];
    if (control instanceof HTMLElement) control.setAttribute("aria-invalid", "true");
    return place;
  }

  // What was said of the picture and its marks is of those before.
  clearPicture() {
    const place = document.getElementById("picture-error");
    place.textContent = "";
    place.hidden = true;
  }

  clearErrors() {
    for (const place of this.element.querySelectorAll(".field-error")) {
      place.textContent = "";
      place.hidden = true;
    }
    for (const field of this.element.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  }

  keep() {
    const kept = { chosen: this.chosen };
    for (const field of this.element.elements) {
      if (!field.name || LEFT_OUT.includes(field.name) || field.type === "hidden") continue;
      if (field.type === "radio" || field.type === "checkbox") {
        if (field.checked) kept[field.name] = field.value;
      } else kept[field.name] = field.value;
    }
    write(this.slot, kept);
  }

  restore() {
    const { chosen = {}, ...kept } = read(this.slot) ?? {};
    this.chosen = chosen;
    const address = new URL(location.href).searchParams;
    const asked = ["tool", "branch", "from", "example"].some((name) => address.has(name));
    for (const field of this.element.elements) {
      if (!(field.name in kept) || (field.name === "task" && asked)) continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === kept[field.name];
      else if (field.name !== "prompt" || !field.value) field.value = kept[field.name];
      this.slide(field);
    }
  }
}

// Leaves these choices in a list; where another was chosen, the first of them is taken.
function offer(list, values) {
  for (const option of list.options) option.disabled = option.hidden = !values.includes(option.value);
  if (list.selectedOptions[0]?.disabled) list.value = [...list.options].find((option) => !option.disabled)?.value ?? list.value;
}
