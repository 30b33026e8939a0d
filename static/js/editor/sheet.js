// The canvas that marks are drawn on, at the picture's own size, over the picture.
import { boxOf, drawMark, drawMarks } from "./marks.js";

export class Sheet {
  constructor(board, colours) {
    Object.assign(this, { board, colours, kind: "mask", marks: [], growing: null, frame: 0 });
    this.canvas = document.createElement("canvas");
    // The marks without the one that is growing, so that it can be drawn anew as one whole at every frame.
    this.under = document.createElement("canvas");
  }

  open({ width, height }, kind) {
    for (const canvas of [this.canvas, this.under]) Object.assign(canvas, { width, height });
    this.kind = kind;
    this.marks = [];
    this.board.overlay(this.canvas);
  }

  close() {
    this.board.overlay(null);
  }

  set(marks) {
    const context = this.under.getContext("2d");
    // One more than before is the common case, and a long history takes long to draw.
    const isOneMore = marks.length === this.marks.length + 1 && this.marks.every((mark, at) => mark === marks[at]);
    if (isOneMore) drawMark(context, marks.at(-1), this.colours);
    else drawMarks(context, marks, this.colours);
    this.marks = marks;
    this.redraw();
  }

  grow(mark) {
    this.growing = mark;
    this.frame ||= requestAnimationFrame(() => this.drawGrowing());
  }

  drawGrowing() {
    this.frame = 0;
    const box = boxOf(this.growing);
    const context = this.canvas.getContext("2d");
    context.clearRect(box.x, box.y, box.width, box.height);
    context.drawImage(this.under, box.x, box.y, box.width, box.height, box.x, box.y, box.width, box.height);
    drawMark(context, this.growing, this.colours);
    this.board.redraw();
  }

  colour(colours) {
    this.colours = colours;
    drawMarks(this.under.getContext("2d"), this.marks, colours);
    this.redraw();
  }

  redraw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.under, 0, 0);
    this.board.redraw();
  }
}
