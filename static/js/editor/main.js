// The editor: puts its parts together. Each part is a module beside this one and knows nothing of the others.
import { Blend } from "./blend.js";
import { Board } from "./board.js";
import { EditForm } from "./form.js";
import { Frame } from "./frame.js";
import { History } from "./history.js";
import { listen } from "./keys.js";
import { drawMarks, exportMarks } from "./marks.js";
import { Pens, Sheet } from "./pens.js";
import { Chooser, loadImage, upload, watchForFiles } from "./pictures.js";
import { Price } from "./price.js";
import { Runs } from "./runs.js";
import { Versions } from "./versions.js";

const COLOURS = { paint: "#5b66ff", keep: "#22a45d", drop: "#e5484d" };
const byId = (id) => document.getElementById(id);

class Editor {
  constructor() {
    this.root = byId("editor");
    this.container = byId("canvas");
    this.form = new EditForm(byId("edit-form"));
    this.board = new Board(this.container);
    this.sheet = new Sheet(this.board, COLOURS);
    this.pens = new Pens(this.board, this.sheet);
    this.marks = new History();
    this.margins = new History();
    const sides = Object.fromEntries(["left", "top", "right", "bottom"].map((side) => [side, byId(side)]));
    this.frame = new Frame(this.board, sides);
    this.versions = new Versions();
    this.runs = new Runs(this.form);
    this.chooser = new Chooser(this.form.element, (file) => this.bring(file));
    this.blend = new Blend(this.chooser);
    this.price = new Price(this.form, () => this.whatIsMissing() ?? this.form.values(this.pictures()));
    this.source = null;
    // The marks that are uploaded already, by what they look like as text.
    this.uploaded = { text: "", ref: "" };
    this.connect();
    this.takePen("brush");
    this.form.choose();
  }

  connect() {
    const { form } = this;
    form.addEventListener("tool", () => this.toolChanged());
    form.element.addEventListener("input", () => this.price.askSoon());
    form.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.marks.addEventListener("change", () => this.marksChanged());
    this.margins.addEventListener("change", () => {
      if (form.task === "outpaint") this.frame.set(this.margins.done.at(-1));
      this.price.askSoon();
    });
    this.pens.addEventListener("mark", (event) => this.marks.add(event.detail));
    this.frame.addEventListener("margins", (event) => this.margins.add(event.detail));
    this.blend.addEventListener("change", () => this.price.askSoon());
    this.versions.addEventListener("show", (event) => this.showVersion(event.detail));
    this.runs.addEventListener("picture", (event) => this.pictureCame(event.detail));
    this.runs.addEventListener("pick", (event) => this.versions.show(`image:${event.detail}`));
    this.runs.addEventListener("ended", (event) => this.say(event.detail === "done" ? "Ready" : "Ended; see what it says beside the picture"));
    this.board.addEventListener("view", () => (byId("zoom").textContent = `${Math.round(this.board.zoom * 100)} %`));
    this.connectControls();
    watchForFiles(this.root, (file) => this.bring(file));
    listen(this);
  }

  connectControls() {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-command], [data-pen]");
      if (button?.dataset.command) this.run(button.dataset.command);
      else if (button) this.takePen(button.dataset.pen);
    });
    byId("pen-size").addEventListener("input", (event) => (this.pens.size = Number(event.target.value)));
    byId("pen-softness").addEventListener("input", (event) => (this.pens.softness = Number(event.target.value) / 100));
    for (const radio of document.querySelectorAll("[name=pen_mark]")) {
      radio.addEventListener("change", () => (this.pens.mark = radio.value));
    }
    byId("compare").addEventListener("input", (event) => this.board.compare(Number(event.target.value) / 100));
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
    this.versions.add({ ...picture, label: this.versions.all.length ? "Brought" : "Beginning", origin: null });
    this.blend.begin(this.source);
    this.versions.show(picture.ref);
    this.toolChanged();
    await this.runs.restore(this.source);
  }

  async bring(file) {
    try {
      const picture = await upload(this.form.element, file);
      if (this.form.task === "blend" && this.source) this.blend.add(picture);
      else await this.openAt(picture);
    } catch (error) {
      document.dispatchEvent(new CustomEvent("toast", { detail: error.message }));
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
    byId("compare-box").hidden = isSource || !version.origin;
    byId("compare").value = 0;
    const image = isSource ? this.source.image : await loadImage(version.url);
    if (version.ref !== this.versions.shown) return; // another was chosen meanwhile
    const before = isSource || !version.origin ? null : placeBefore(version.origin, image);
    this.board.show(image, before);
    byId("picture-size").textContent = `${image.naturalWidth} × ${image.naturalHeight}`;
    this.toolChanged();
  }

  // --- The tool ------------------------------------------------------------------------------------------------

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
      if (kind && isOnSource) {
        this.sheet.open(this.source, kind);
        this.marks.open(this.source.ref, kind);
      } else this.sheet.close();
      this.margins.open(this.source.ref, "frame");
      this.frame.show(this.form.task === "outpaint" && isOnSource);
      if (this.form.task === "outpaint") this.frame.set(this.margins.done.at(-1));
    }
    this.price.label();
    this.price.askSoon();
  }

  marksChanged() {
    if (this.pens.isActive) this.sheet.set(this.marks.done, drawMarks);
    this.price.askSoon();
  }

  takePen(pen) {
    this.pens.drop();
    this.pens.pen = pen;
    for (const button of document.querySelectorAll("[data-pen]")) button.setAttribute("aria-pressed", String(button.dataset.pen === pen));
    this.container.dataset.pen = pen;
  }

  resizePen(factor) {
    const slider = byId("pen-size");
    slider.value = Math.round(this.pens.size * factor + (factor > 1 ? 0.5 : -0.5));
    this.pens.size = Number(slider.value);
  }

  run(command) {
    const { board } = this;
    const history = this.form.task === "outpaint" ? this.margins : this.marks;
    const does = {
      undo: () => history.undo() && this.say("Undone"),
      redo: () => history.redo() && this.say("Done again"),
      all: () => this.marks.add({ shape: "all", ink: "paint" }),
      invert: () => this.marks.add({ shape: "invert", ink: "paint" }),
      clear: () => this.marks.done.length && this.marks.add({ shape: "clear" }),
      "zoom-in": () => board.zoomIn(),
      "zoom-out": () => board.zoomOut(),
      fit: () => board.fit(),
      actual: () => board.actualSize(),
      before: () => this.versions.step(-1),
      after: () => this.versions.step(1),
      open: () => this.choose(),
      upload: () => this.chooser.chooseFile(),
    };
    does[command]?.();
  }

  // --- The run -------------------------------------------------------------------------------------------------

  // The pictures of a request; the mask as it was uploaded last, which is enough to know a price.
  pictures(marksRef = this.uploaded.ref) {
    if (this.form.task === "blend") return this.blend.values;
    const kind = this.form.marks;
    return { image: this.source.ref, ...(kind && marksRef ? { [kind]: marksRef } : {}) };
  }

  whatIsMissing() {
    if (!this.source) return "";
    if (this.form.task === "blend" && this.blend.parts.length < 2) return "Add a picture to blend it with.";
    const isSame = this.form.task === "outpaint" && !Object.values(this.frame.margins).some(Boolean);
    return isSame ? "Drag the frame out over an edge, or say how many pixels." : null;
  }

  async send() {
    if (!this.source) return;
    this.form.clearErrors();
    this.price.label("Sending …");
    try {
      const ref = await this.uploadMarks();
      const origin = { ref: this.source.ref, image: this.source.image, margins: this.form.task === "outpaint" ? this.frame.margins : null };
      const errors = await this.runs.send(this.form.values(this.pictures(ref)), origin);
      if (errors.length) this.form.showErrors(errors);
      else this.say("Sent");
    } catch (error) {
      this.form.showErrors([{ field: "form", message: error.message }]);
    } finally {
      this.price.label();
      this.price.askSoon();
    }
  }

  async uploadMarks() {
    const kind = this.form.marks;
    const marks = this.marks.done;
    if (!kind || !marks.length) return "";
    const text = JSON.stringify([this.source.ref, kind, marks]);
    if (this.uploaded.text !== text) {
      const png = await exportMarks(marks, this.source, kind);
      this.uploaded = { text, ref: (await upload(this.form.element, png, "mask")).ref };
    }
    return this.uploaded.ref;
  }

  pictureCame({ id, thumbnail, origin }) {
    const ref = `image:${id}`;
    this.versions.add({ ref, url: `/pictures/${id}/download/`, thumbnail, label: this.form.toolName, origin });
    if (!origin?.isRestored) this.versions.show(ref);
    this.say("A picture is ready");
  }

  say(words) {
    byId("editor-said").textContent = words;
  }
}

// Where the picture before lies under the one that came of it: an extension grew around it, the rest fill it.
function placeBefore({ image, margins }, result) {
  if (margins) return { image, x: margins.left, y: margins.top, width: image.naturalWidth, height: image.naturalHeight };
  // A picture of another shape was cut in the middle before it was drawn from.
  const { naturalWidth: width, naturalHeight: height } = result;
  const scale = Math.max(width / image.naturalWidth, height / image.naturalHeight);
  const size = { width: image.naturalWidth * scale, height: image.naturalHeight * scale };
  return { image, x: (width - size.width) / 2, y: (height - size.height) / 2, ...size };
}

const editor = new Editor();
const opened = byId("opened");
if (opened) editor.open(JSON.parse(opened.textContent));
