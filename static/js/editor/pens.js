// Pens turn what a mouse, a finger, a pen or the arrow keys do into marks. Space or the hand moves the board instead,
// two fingers move and zoom it.
import { drawMark } from "./marks.js";

const KEY_STEP = 4;

export class Pens extends EventTarget {
  // sheet: the canvas the marks are on, its context and colours (`Sheet`); board: where they lie.
  constructor(board, sheet) {
    super();
    Object.assign(this, { board, sheet, pen: "brush", size: 40, softness: 0.2, mark: "keep", isActive: false, isMoving: false });
    this.pointers = new Map();
    this.growing = null;
    this.outline = new Konva.Line({ stroke: "#fff", strokeWidth: 1.5, dash: [6, 4], strokeScaleEnabled: false, listening: false, visible: false, shadowColor: "#000", shadowBlur: 2 });
    this.ring = new Konva.Circle({ stroke: "#fff", strokeWidth: 1.5, strokeScaleEnabled: false, listening: false, visible: false, shadowColor: "#000", shadowBlur: 2 });
    board.tools.add(this.outline, this.ring);
    const { container } = board;
    container.addEventListener("pointerdown", (event) => this.down(event));
    container.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) container.addEventListener(name, (event) => this.up(event));
    container.addEventListener("pointerleave", () => this.ring.visible(false));
    container.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  get ink() {
    if (this.pen === "eraser") return "erase";
    return this.sheet.kind === "strokes" ? this.mark : "paint";
  }

  down(event) {
    if (!this.board.size) return;
    this.pointers.set(event.pointerId, event);
    const isHand = this.isMoving || this.pen === "hand" || event.button === 1 || this.pointers.size > 1;
    if (isHand || !this.isActive) {
      this.drop();
      if (isHand) this.board.container.setPointerCapture(event.pointerId);
      return;
    }
    if (event.button !== 0) return;
    this.board.container.setPointerCapture(event.pointerId);
    const point = this.board.toPicture(event.clientX, event.clientY);
    if (this.pen === "rectangle") this.growing = { shape: "rectangle", ink: this.ink, from: point, x: point[0], y: point[1], width: 0, height: 0 };
    else if (this.pen === "lasso") this.growing = { shape: "lasso", ink: this.ink, points: [point] };
    else this.growing = this.begin(point, event);
  }

  begin(point, event) {
    // A pen that is pressed lightly draws a finer line.
    const pressure = event.pointerType === "pen" && event.pressure ? 0.4 + 0.6 * event.pressure : 1;
    const softness = this.sheet.kind === "strokes" ? 0 : this.softness;
    const stroke = { shape: "stroke", ink: this.ink, size: Math.max(1, this.size * pressure), softness, points: [point, [point[0] + 0.1, point[1]]] };
    this.sheet.draw(stroke);
    return stroke;
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    this.follow(event);
    if (!last) return;
    if (this.pointers.size === 2) this.pinch(event);
    else if (!this.growing && (this.isMoving || this.pen === "hand" || event.buttons === 4)) {
      this.board.panBy(event.clientX - last.clientX, event.clientY - last.clientY);
    } else if (this.growing) this.grow(event);
    this.pointers.set(event.pointerId, event);
  }

  grow(event) {
    const mark = this.growing;
    // Between two frames a quick hand leaves more points than one.
    const events = event.getCoalescedEvents?.() ?? [];
    const points = (events.length ? events : [event]).map((each) => this.board.toPicture(each.clientX, each.clientY));
    if (mark.shape === "rectangle") this.span(mark, points.at(-1));
    else {
      const from = mark.points.length;
      mark.points.push(...points);
      if (mark.shape === "stroke") this.sheet.draw(mark, from);
    }
    this.showOutline(mark);
  }

  span(mark, [x, y]) {
    mark.x = Math.min(x, mark.from[0]);
    mark.y = Math.min(y, mark.from[1]);
    mark.width = Math.abs(x - mark.from[0]);
    mark.height = Math.abs(y - mark.from[1]);
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    if (this.growing) this.finish();
  }

  finish() {
    const mark = this.growing;
    this.growing = null;
    this.outline.visible(false);
    if (mark.shape === "rectangle" && (mark.width < 1 || mark.height < 1)) return;
    if (mark.shape === "lasso" && mark.points.length < 3) return;
    delete mark.from;
    this.dispatchEvent(new CustomEvent("mark", { detail: mark }));
  }

  // Gives up what is being drawn.
  drop() {
    if (!this.growing) return;
    this.growing = null;
    this.outline.visible(false);
    this.sheet.redraw();
  }

  pinch(event) {
    const [other] = [...this.pointers.values()].filter((each) => each.pointerId !== event.pointerId);
    const last = this.pointers.get(event.pointerId);
    const spread = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
    const box = this.board.container.getBoundingClientRect();
    const middle = { x: (event.clientX + other.clientX) / 2 - box.left, y: (event.clientY + other.clientY) / 2 - box.top };
    this.board.panBy((event.clientX - last.clientX) / 2, (event.clientY - last.clientY) / 2);
    this.board.zoomBy(spread(event, other) / spread(last, other), middle);
  }

  wheel(event) {
    event.preventDefault();
    const box = this.board.container.getBoundingClientRect();
    const at = { x: event.clientX - box.left, y: event.clientY - box.top };
    if (event.shiftKey) this.board.panBy(-event.deltaY, 0);
    else this.board.zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), at);
  }

  follow(event) {
    const isRound = this.isActive && (this.pen === "brush" || this.pen === "eraser") && event.pointerType !== "touch";
    this.ring.visible(isRound);
    if (!isRound) return;
    const [x, y] = this.board.toPicture(event.clientX, event.clientY);
    this.ring.setAttrs({ x, y, radius: this.size / 2 });
  }

  showOutline(mark) {
    const points = mark.shape === "rectangle" ? corners(mark) : mark.shape === "lasso" ? mark.points : [];
    this.outline.visible(points.length > 0);
    this.outline.points(points.flat());
    this.outline.closed(mark.shape === "rectangle");
  }

  // --- A rectangle by keys: the pen's own key begins one, arrows move it, with Shift they stretch it, Enter paints it.
  beginByKeys() {
    const { width, height } = this.board.size;
    this.growing = { shape: "rectangle", ink: this.ink, x: width / 4, y: height / 4, width: width / 2, height: height / 2, byKeys: true };
    this.showOutline(this.growing);
  }

  stretchByKeys(x, y, isStretching) {
    const mark = this.growing;
    const step = Math.max(1, Math.round(Math.max(this.board.size.width, this.board.size.height) / 128)) * KEY_STEP;
    if (isStretching) {
      mark.width = Math.max(step, mark.width + x * step);
      mark.height = Math.max(step, mark.height + y * step);
    } else {
      mark.x += x * step;
      mark.y += y * step;
    }
    this.showOutline(mark);
  }
}

// The canvas that marks are drawn on, at the picture's own size.
export class Sheet {
  constructor(board, colours) {
    Object.assign(this, { board, colours, kind: "mask", marks: [] });
    this.canvas = document.createElement("canvas");
  }

  open({ width, height }, kind) {
    Object.assign(this.canvas, { width, height });
    this.context = this.canvas.getContext("2d");
    this.kind = kind;
    this.board.overlay(this.canvas);
  }

  close() {
    this.board.overlay(null);
  }

  set(marks, drawAll) {
    this.marks = marks;
    drawAll(this.context, marks, this.colours);
    this.board.redraw();
  }

  draw(mark, from = 0) {
    drawMark(this.context, mark, this.colours, from);
    this.board.redraw();
  }

  redraw() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const mark of this.marks) drawMark(this.context, mark, this.colours);
    this.board.redraw();
  }
}

const corners = ({ x, y, width, height }) => [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
