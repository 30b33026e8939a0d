// The board: a picture, the marks over it, what is being drawn just now, and where one looks from.
const ZOOM_MIN = 0.05;
const ZOOM_MAX = 32;
const ZOOM_STEP = 1.25;
const MARGIN = 24;

export class Board extends EventTarget {
  constructor(container, colours) {
    super();
    this.container = container;
    this.stage = new Konva.Stage({ container, width: container.clientWidth || 1, height: container.clientHeight || 1 });
    this.pictures = new Konva.Layer({ listening: false });
    this.marks = new Konva.Layer({ listening: false });
    this.tools = new Konva.Layer();
    this.stage.add(this.pictures, this.marks, this.tools);
    this.size = null;
    this.isFitted = true;
    // Room that the fitted view leaves around the picture, in its own pixels: an outpaint frame needs it.
    this.room = { left: 0, top: 0, right: 0, bottom: 0 };
    // Where two versions meet that are compared.
    this.seam = new Konva.Line({ strokeWidth: 1.5, strokeScaleEnabled: false, shadowBlur: 2 });
    this.colour(colours);
    new ResizeObserver(() => this.resize()).observe(container);
  }

  show(image) {
    const size = { width: image.naturalWidth, height: image.naturalHeight };
    this.seam.remove();
    this.pictures.destroyChildren();
    this.before = null;
    this.pictures.imageSmoothingEnabled(Math.max(size.width, size.height) > 256);
    this.pictures.add(this.ground(size), new Konva.Image({ image, ...size }));
    const isSameSize = this.size && this.size.width === size.width && this.size.height === size.height;
    this.size = size;
    if (!isSameSize || this.isFitted) this.fit();
  }

  // Lays another picture over the one that is shown, for compare(): { image, x, y, width, height }, or null.
  lay(before) {
    this.before?.destroy();
    this.before = null;
    this.seam.remove();
    if (!before) return;
    this.before = new Konva.Group({ clipX: 0, clipY: 0, clipWidth: 0, clipHeight: this.size.height });
    this.before.add(this.ground(this.size), new Konva.Image(before));
    this.pictures.add(this.before);
    this.seam.visible(false);
    this.pictures.add(this.seam);
  }

  // What shows through where a picture is transparent.
  ground(size) {
    return new Konva.Rect({ ...size, name: "ground", fillPatternImage: this.checks });
  }

  // Shows `before` over this part of the width, from the left.
  compare(part) {
    if (!this.before) return;
    const x = this.size.width * part;
    this.before.clipWidth(x);
    this.seam.setAttrs({ points: [x, 0, x, this.size.height], visible: part > 0 && part < 1 });
  }

  colour(colours) {
    this.checks = checks(colours);
    this.seam.setAttrs({ stroke: colours.line, shadowColor: colours.halo });
    for (const ground of this.pictures.find(".ground")) ground.fillPatternImage(this.checks);
  }

  // Puts the canvas that the marks are drawn on over the picture.
  overlay(canvas) {
    this.marks.destroyChildren();
    if (canvas) this.marks.add(new Konva.Image({ image: canvas, opacity: 0.5, width: canvas.width, height: canvas.height }));
  }

  redraw() {
    this.marks.batchDraw();
  }

  resize() {
    const { clientWidth, clientHeight } = this.container;
    if (!clientWidth || !clientHeight) return;
    this.stage.size({ width: clientWidth, height: clientHeight });
    if (this.isFitted) this.fit();
  }

  fit() {
    if (!this.size) return;
    const width = this.size.width + this.room.left + this.room.right;
    const height = this.size.height + this.room.top + this.room.bottom;
    const space = { width: this.stage.width() - 2 * MARGIN, height: this.stage.height() - 2 * MARGIN };
    const zoom = clamp(Math.min(space.width / width, space.height / height), ZOOM_MIN, 8);
    this.place(zoom, {
      x: (this.stage.width() - width * zoom) / 2 + this.room.left * zoom,
      y: (this.stage.height() - height * zoom) / 2 + this.room.top * zoom,
    });
    this.isFitted = true;
  }

  zoomBy(factor, at = { x: this.stage.width() / 2, y: this.stage.height() / 2 }) {
    const zoom = clamp(this.zoom * factor, ZOOM_MIN, ZOOM_MAX);
    const ratio = zoom / this.zoom;
    const { x, y } = this.stage.position();
    this.place(zoom, { x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio });
  }

  zoomIn() {
    this.zoomBy(ZOOM_STEP);
  }

  zoomOut() {
    this.zoomBy(1 / ZOOM_STEP);
  }

  actualSize() {
    this.zoomBy(1 / this.zoom);
  }

  panBy(x, y) {
    const at = this.stage.position();
    this.place(this.zoom, { x: at.x + x, y: at.y + y });
  }

  get zoom() {
    return this.stage.scaleX();
  }

  // The point of the picture under a point of the window.
  toPicture(clientX, clientY) {
    const box = this.container.getBoundingClientRect();
    const { x, y } = this.stage.position();
    return [round((clientX - box.left - x) / this.zoom), round((clientY - box.top - y) / this.zoom)];
  }

  place(zoom, position) {
    this.isFitted = false;
    this.stage.scale({ x: zoom, y: zoom });
    this.stage.position(position);
    this.dispatchEvent(new Event("view"));
  }
}

function checks({ checkLight, checkDark }) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 16 });
  const context = canvas.getContext("2d");
  context.fillStyle = checkLight;
  context.fillRect(0, 0, 16, 16);
  context.fillStyle = checkDark;
  context.fillRect(0, 0, 8, 8);
  context.fillRect(8, 8, 8, 8);
  return canvas;
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const round = (value) => Math.round(value * 10) / 10;
