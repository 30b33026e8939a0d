// Pens turn what a mouse, a finger, a pen or the arrow keys do into marks. Space or the hand moves the board instead,
// two fingers move and zoom it.
const KEY_STEP = 4;
// How fine a line the lightest touch of a pen draws, as a part of its size.
const LIGHTEST = 0.4;
// Points closer than this part of the size change nothing one sees.
const CLOSE = 0.04;

export class Pens extends EventTarget {
  // sheet: the canvas the marks are on, its context and colours (`Sheet`); board: where they lie.
  constructor(board, sheet) {
    super();
    Object.assign(this, { board, sheet, pen: "brush", size: 40, softness: 0.2, mark: "keep", isActive: false, isMoving: false });
    this.pointers = new Map();
    this.growing = null;
    const line = { strokeWidth: 1.5, strokeScaleEnabled: false, listening: false, visible: false, shadowBlur: 2 };
    this.outline = new Konva.Line({ ...line, dash: [6, 4] });
    this.ring = new Konva.Circle(line);
    this.colour(sheet.colours);
    board.tools.add(this.outline, this.ring);
    const { container } = board;
    container.addEventListener("pointerdown", (event) => this.down(event));
    container.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) container.addEventListener(name, (event) => this.up(event));
    container.addEventListener("pointerleave", () => this.ring.visible(false));
    container.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  colour({ line, halo }) {
    for (const shape of [this.outline, this.ring]) shape.setAttrs({ stroke: line, shadowColor: halo });
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
    else this.growing = this.begin(event);
  }

  begin(event) {
    const softness = this.sheet.kind === "strokes" ? 0 : this.softness;
    const stroke = { shape: "stroke", ink: this.ink, size: this.size, softness, points: [this.pointOf(event)] };
    this.sheet.grow(stroke);
    return stroke;
  }

  // Where an event is on the picture; of a pen also how hard it is pressed, at every point of the stroke.
  pointOf(event) {
    const point = this.board.toPicture(event.clientX, event.clientY);
    if (event.pointerType === "pen" && event.pressure) point.push(Math.round(100 * (LIGHTEST + (1 - LIGHTEST) * event.pressure)) / 100);
    return point;
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
    for (const each of events.length ? events : [event]) {
      const point = this.pointOf(each);
      if (mark.shape === "rectangle") this.span(mark, point);
      else if (mark.shape === "lasso") mark.points.push(point.slice(0, 2));
      else if (isApart(point, mark)) mark.points.push(point);
    }
    if (mark.shape === "stroke") this.sheet.grow(mark);
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

const corners = ({ x, y, width, height }) => [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];

function isApart([x, y, part = 1], { points, size }) {
  const [lastX, lastY, lastPart = 1] = points.at(-1);
  return Math.hypot(x - lastX, y - lastY) >= Math.max(0.5, size * CLOSE) || Math.abs(part - lastPart) > CLOSE;
}
