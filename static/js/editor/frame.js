// The frame of "Extend": dragged out over the picture's edges, or written as four numbers.
const SIDES = ["left", "top", "right", "bottom"];
const MOST = 4096;

export class Frame extends EventTarget {
  // fields: the four number inputs by side.
  constructor(board, fields, colours) {
    super();
    Object.assign(this, { board, fields, isShown: false });
    this.box = new Konva.Rect({ strokeWidth: 1.5, strokeScaleEnabled: false });
    this.handles = new Konva.Transformer({
      nodes: [this.box], rotateEnabled: false, keepRatio: false, flipEnabled: false, borderEnabled: false, anchorSize: 14, anchorCornerRadius: 7,
      ignoreStroke: true, shouldOverdrawWholeArea: false, visible: false,
    });
    this.colour(colours);
    this.box.visible(false);
    this.box.listening(false);
    board.tools.add(this.box, this.handles);
    this.box.on("transform", () => this.read());
    this.box.on("transformend", () => this.done());
    for (const side of SIDES) fields[side].addEventListener("change", () => this.done());
    for (const side of SIDES) fields[side].addEventListener("input", () => this.draw());
  }

  colour({ frame, frameFill, handle }) {
    this.box.setAttrs({ stroke: frame, fill: frameFill });
    this.handles.setAttrs({ anchorStroke: frame, anchorFill: handle });
  }

  get margins() {
    return Object.fromEntries(SIDES.map((side) => [side, clamp(Number(this.fields[side].value) || 0)]));
  }

  set(margins) {
    for (const side of SIDES) this.fields[side].value = margins?.[side] ?? 0;
    this.draw();
    if (this.isShown && this.board.isFitted) this.makeRoom();
  }

  show(isShown) {
    this.isShown = isShown;
    this.box.visible(isShown);
    this.handles.visible(isShown);
    this.draw();
    if (isShown) this.makeRoom();
    else this.board.room = { left: 0, top: 0, right: 0, bottom: 0 };
    this.board.fit();
  }

  // The view leaves as much room as there is, and some to drag into.
  makeRoom() {
    const { width, height } = this.board.size;
    const spare = { left: width / 3, right: width / 3, top: height / 3, bottom: height / 3 };
    for (const side of SIDES) this.board.room[side] = Math.max(spare[side], this.margins[side] + 8);
    this.board.fit();
  }

  draw() {
    if (!this.isShown || !this.board.size) return;
    const { left, top, right, bottom } = this.margins;
    this.box.setAttrs({ x: -left, y: -top, width: this.board.size.width + left + right, height: this.board.size.height + top + bottom, scaleX: 1, scaleY: 1 });
    this.handles.forceUpdate();
  }

  read() {
    const { width, height } = this.board.size;
    const x = this.box.x();
    const y = this.box.y();
    const values = {
      left: -x,
      top: -y,
      right: x + this.box.width() * this.box.scaleX() - width,
      bottom: y + this.box.height() * this.box.scaleY() - height,
    };
    for (const side of SIDES) this.fields[side].value = clamp(Math.round(values[side]));
  }

  done() {
    this.draw();
    this.dispatchEvent(new CustomEvent("margins", { detail: this.margins }));
  }
}

const clamp = (value) => Math.min(MOST, Math.max(0, value));
