// The editor: puts its parts together. Each part is a module beside this one and knows nothing of the others.
import { Blend } from "./blend.js";
import { Board } from "./board.js";
import { readColours, watchColours } from "./colours.js";
import { Compare } from "./compare.js";
import { EditForm } from "./form.js";
import { Frame } from "./frame.js";
import { History } from "./history.js";
import { listen } from "./keys.js";
import { exportMarks } from "./marks.js";
import { Pens } from "./pens.js";
import { bringIn, Chooser, loadImage, upload, urlOf, watchForPictures } from "./pictures.js";
import { Price } from "./price.js";
import { Runs } from "./runs.js";
import { Sheet } from "./sheet.js";
import { loadStored } from "./stored.js";
import { Versions } from "./versions.js";
import { toast } from "../toast.js";
import { t } from "../words.js";

// What the marks of a kind are drawn with.
const INKS = { mask: ["paint"], strokes: ["keep", "drop"] };

const byId = (id) => document.getElementById(id);

class Editor {
  constructor() {
    this.root = byId("editor");
    this.container = byId("canvas");
    this.form = new EditForm(byId("edit-form"));
    const colours = readColours();
    this.board = new Board(this.container, colours);
    this.sheet = new Sheet(this.board, colours);
    this.pens = new Pens(this.board, this.sheet);
    this.history = new History(this.form.element.dataset.draft);
    const sides = Object.fromEntries(["left", "top", "right", "bottom"].map((side) => [side, byId(side)]));
    this.frame = new Frame(this.board, sides, colours);
    this.compare = new Compare(this.board);
    this.versions = new Versions();
    this.runs = new Runs(this.form);
    this.chooser = new Chooser(this.form.element, (file) => this.bring(file));
    this.blend = new Blend(this.chooser);
    this.price = new Price(this.form, () => this.source && this.form.values(this.pictures()), () => this.whatIsMissing());
    this.source = null;
    // The marks that are uploaded already, by what they look like as text.
    this.uploaded = { text: "", ref: "" };
    this.connect();
    this.takePen("brush");
    this.form.showTool();
  }

  connect() {
    const { form } = this;
    form.addEventListener("tool", () => this.toolTaken());
    form.element.addEventListener("input", () => this.price.askSoon());
    form.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.history.addEventListener("change", () => this.historyChanged());
    this.pens.addEventListener("mark", (event) => this.note(this.form.marks, event.detail));
    this.frame.addEventListener("margins", (event) => this.note("frame", { margins: event.detail }));
    this.blend.addEventListener("parts", (event) => this.note("parts", { parts: event.detail }));
    this.blend.addEventListener("picture", (event) => (this.source ? this.blend.add(event.detail) : this.openAt(event.detail)));
    this.versions.addEventListener("show", (event) => this.showVersion(event.detail));
    this.runs.addEventListener("picture", (event) => this.pictureCame(event.detail));
    this.runs.addEventListener("pick", (event) => this.versions.show(`image:${event.detail}`));
    this.runs.addEventListener("ended", (event) => this.say(event.detail === "done" ? t("Ready") : t("Ended; see what it says beside the picture")));
    this.board.addEventListener("view", () => (byId("zoom").textContent = `${Math.round(this.board.zoom * 100)} %`));
    this.connectControls();
    watchColours((colours) => [this.board, this.sheet, this.pens, this.frame].forEach((part) => part.colour(colours)));
    watchForPictures(this.root, (file) => this.bring(file));
    listen(this);
  }

  connectControls() {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-command], button[data-pen]");
      if (button?.dataset.command) this.perform(button.dataset.command);
      else if (button) this.takePen(button.dataset.pen);
    });
    byId("pen-size").addEventListener("input", (event) => (this.pens.size = Number(event.target.value)));
    byId("pen-softness").addEventListener("input", (event) => (this.pens.softness = Number(event.target.value) / 100));
    for (const radio of document.querySelectorAll("[name=pen_mark]")) {
      radio.addEventListener("change", () => (this.pens.mark = radio.value));
    }
    byId("continue").addEventListener("click", () => this.goOn());
  }

  // --- Which picture -------------------------------------------------------------------------------------------

  // Opens a picture to be edited: { ref, url }.
  async open(picture) {
    let image;
    try {
      image = await loadImage(picture.url);
    } catch (error) {
      return this.form.showErrors([{ field: "image", message: error.message }]);
    }
    this.source = { ...picture, image, width: image.naturalWidth, height: image.naturalHeight };
    this.root.classList.remove("is-empty");
    byId("easel-empty").hidden = true;
    const bound = Math.max(8, Math.round(Math.max(this.source.width, this.source.height) / 2));
    Object.assign(byId("pen-size"), { max: bound, value: Math.round(bound / 5) });
    this.pens.size = bound / 5;
    await this.history.open(picture.ref);
    await this.loadMarks([...this.history.done, ...this.history.undone]);
    this.versions.add({ ...picture, label: this.versions.all.length ? t("Brought") : t("Beginning"), origin: null });
    this.versions.show(picture.ref);
    this.toolChanged();
    await this.runs.restore(this.source);
  }

  // opened: the picture that the page came with; branch: the settings and pictures of an earlier run. Both may be null.
  async begin(opened, branch) {
    if (branch) this.form.fill(branch.values);
    // The address names the picture from here on: a reload keeps what was changed since.
    if (opened) await (branch ? this.openAt(opened) : this.open(opened));
    if (!branch) return;
    if (branch.example) await this.bringFrom(branch.example);
    for (const [kind, ref] of Object.entries(branch.marks)) await this.recall(kind, ref);
    if (branch.parts.length) this.note("parts", { parts: branch.parts });
    const { left = 0, top = 0, right = 0, bottom = 0 } = branch.values;
    if (this.source && this.form.task === "outpaint") this.note("frame", { margins: { left, top, right, bottom } });
  }

  // Takes over what was painted for an earlier result; undo brings back what was there.
  async recall(kind, ref) {
    const mark = { shape: "stored", ink: "paint", inks: INKS[kind], ref };
    if (kind !== this.form.marks || !(await this.loadMarks([mark]))) return;
    this.note(kind, mark);
    this.uploaded = { text: this.marksText(), ref };
    this.price.askSoon();
  }

  // Returns whether what these marks name is here; where it is not, the person is told.
  async loadMarks(marks) {
    try {
      await loadStored(marks);
      return true;
    } catch (error) {
      toast(error.message);
      return false;
    }
  }

  // Brings one of the site's own pictures, as if it had been chosen from a disk.
  async bringFrom(url) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) await this.bring(new File([await answer.blob()], url.split("/").at(-1)));
  }

  async bring(file) {
    try {
      const picture = await bringIn(this.form.element, file);
      if (this.form.task === "blend" && this.source) this.blend.add(picture);
      else await this.openAt(picture);
    } catch (error) {
      toast(error.message);
    }
  }

  openAt(picture) {
    const [kind, id] = picture.ref.split(":");
    history.replaceState(null, "", kind === "image" ? `/edit/${id}/` : `/edit/?upload=${id}`);
    return this.open(picture);
  }

  async choose() {
    const picture = await this.chooser.choose();
    if (picture) await this.openAt(picture);
  }

  goOn() {
    const version = this.versions.current;
    if (version) this.openAt(version);
  }

  async showVersion(version) {
    const isSource = version.ref === this.source.ref;
    byId("continue").hidden = isSource;
    const image = isSource ? this.source.image : await loadImage(version.url);
    if (version.ref !== this.versions.shown) return; // another was chosen meanwhile
    this.board.show(image);
    byId("picture-size").textContent = `${image.naturalWidth} × ${image.naturalHeight}`;
    this.toolChanged();
    await this.compare.offer(version, image, this.versions.visible.filter((other) => other !== version));
  }

  // --- The tool ------------------------------------------------------------------------------------------------

  // What is painted or framed lies on the picture that one edits, so that is what the board has to show.
  toolTaken() {
    const isOnBoard = this.form.marks || this.form.task === "outpaint";
    if (this.source && isOnBoard && this.versions.shown !== this.source.ref) this.versions.show(this.source.ref);
    this.toolChanged();
  }

  toolChanged() {
    const kind = this.form.marks;
    const isOnSource = this.source !== null && this.versions.shown === this.source.ref;
    for (const part of document.querySelectorAll(".easel-bar [data-needs]")) {
      const needs = part.dataset.needs;
      part.hidden = needs === "marks" ? !kind : needs !== kind;
    }
    this.pens.isActive = Boolean(kind) && isOnSource;
    this.container.classList.toggle("is-painting", this.pens.isActive);
    if (this.source) {
      if (kind && isOnSource) this.sheet.open(this.source, kind);
      else this.sheet.close();
      this.frame.show(this.form.task === "outpaint" && isOnSource);
      this.historyChanged();
    }
    this.price.label();
    this.price.askSoon();
  }

  // --- What was done -------------------------------------------------------------------------------------------

  get marks() {
    return this.history.of(this.form.marks);
  }

  note(kind, entry) {
    if (this.source) this.history.add({ ...entry, kind, task: this.form.task });
  }

  historyChanged() {
    if (this.source) this.blend.set(this.source.ref, this.history.of("parts").at(-1)?.parts);
    if (this.pens.isActive) this.sheet.set(this.marks);
    if (this.form.task === "outpaint") this.frame.set(this.history.of("frame").at(-1)?.margins);
    this.form.clearPicture();
    this.price.askSoon();
  }

  // Takes back, or does again, what was done last, with whatever tool; that tool is taken, so that it is seen.
  revise(direction) {
    const entry = this.history[direction]();
    if (!entry) return;
    const { task, marks } = this.form;
    const isSeen = { frame: task === "outpaint", parts: task === "blend" }[entry.kind] ?? marks === entry.kind;
    if (!isSeen) this.form.chooseTool(entry.task);
    if (this.versions.shown !== this.source.ref) this.versions.show(this.source.ref);
    this.say(direction === "undo" ? t("Undone") : t("Done again"));
  }

  takePen(pen) {
    this.pens.drop();
    this.pens.pen = pen;
    for (const button of document.querySelectorAll("button[data-pen]")) button.setAttribute("aria-pressed", String(button.dataset.pen === pen));
    this.container.dataset.pen = pen;
  }

  resizePen(factor) {
    const slider = byId("pen-size");
    slider.value = Math.round(this.pens.size * factor + (factor > 1 ? 0.5 : -0.5));
    this.pens.size = Number(slider.value);
  }

  perform(command) {
    const { board } = this;
    const kind = this.form.marks;
    const does = {
      undo: () => this.revise("undo"),
      redo: () => this.revise("redo"),
      all: () => this.note(kind, { shape: "all", ink: "paint" }),
      invert: () => this.note(kind, { shape: "invert", ink: "paint" }),
      clear: () => this.marks.length && this.note(kind, { shape: "clear" }),
      "zoom-in": () => board.zoomIn(),
      "zoom-out": () => board.zoomOut(),
      fit: () => board.fit(),
      actual: () => board.actualSize(),
      before: () => this.versions.step(-1),
      after: () => this.versions.step(1),
      hide: () => this.versions.toggle(this.versions.shown),
      open: () => this.choose(),
      upload: () => this.chooser.chooseFile(),
    };
    does[command]?.();
  }

  // --- The run -------------------------------------------------------------------------------------------------

  // The pictures of a request; what is painted only where it is uploaded already: a price needs no mask.
  pictures(marksRef = this.uploaded.text === this.marksText() ? this.uploaded.ref : "") {
    if (this.form.task === "blend") return this.blend.values;
    const kind = this.form.marks;
    return { image: this.source.ref, ...(kind && marksRef ? { [kind]: marksRef } : {}) };
  }

  whatIsMissing() {
    if (this.form.task === "blend" && this.blend.parts.length < 2) return t("Add a picture to blend it with.");
    const isSame = this.form.task === "outpaint" && !Object.values(this.frame.margins).some(Boolean);
    return isSame ? t("Drag the frame out over an edge, or say how many pixels.") : null;
  }

  async send() {
    if (!this.source) return;
    this.form.clearErrors();
    this.price.send(t("Sending …"));
    try {
      const ref = await this.uploadMarks();
      const { ref: sourceRef, image } = this.source;
      const margins = this.form.task === "outpaint" ? this.frame.margins : null;
      const origin = { ref: sourceRef, image, margins, label: this.form.toolName };
      const errors = await this.runs.send(this.form.values(this.pictures(ref)), origin);
      if (errors.length) this.form.showErrors(errors);
      else this.say(t("Sent"));
    } catch (error) {
      this.form.showErrors([{ field: "form", message: error.message }]);
    } finally {
      this.price.send("");
      this.price.askSoon();
    }
  }

  marksText() {
    return JSON.stringify([this.source.ref, this.form.marks, this.marks]);
  }

  async uploadMarks() {
    const kind = this.form.marks;
    const { marks } = this;
    if (!kind || !marks.length) return "";
    const text = this.marksText();
    if (this.uploaded.text !== text) {
      const png = await exportMarks(marks, this.source, kind);
      this.uploaded = { text, ref: (await upload(this.form.element, png, "mask")).ref };
    }
    return this.uploaded.ref;
  }

  pictureCame({ id, thumbnail, origin }) {
    const ref = `image:${id}`;
    this.versions.add({ ref, url: urlOf(ref), thumbnail, label: origin?.label ?? this.form.toolName, origin });
    if (!origin?.isRestored) this.versions.show(ref);
    this.say(t("A picture is ready"));
  }

  say(words) {
    byId("editor-said").textContent = words;
  }
}

const read = (id) => JSON.parse(byId(id)?.textContent ?? "null");
const editor = new Editor();
editor.begin(read("opened"), read("branch"));
