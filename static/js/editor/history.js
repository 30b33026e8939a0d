// What was done to a picture and can be undone: one list, whatever the tool, so that undoing takes back what was done
// last. It is kept in this browser, so that a reload loses nothing.
import { load, save } from "./keeping.js";

export class History extends EventTarget {
  // person: whose it is; several may use one browser.
  constructor(person) {
    super();
    Object.assign(this, { person, slot: null, done: [], undone: [] });
  }

  // Goes on with what was kept for this picture.
  async open(ref) {
    const slot = `${this.person}:${ref}`;
    this.slot = slot;
    const kept = await load(slot);
    if (slot !== this.slot) return; // another picture was opened meanwhile
    this.done = kept?.done ?? [];
    this.undone = kept?.undone ?? [];
    this.tell();
  }

  // What is done of one kind: "mask", "strokes" or "frame".
  of(kind) {
    return this.done.filter((entry) => entry.kind === kind);
  }

  // entry: { kind, task, … }; task is the tool it was done with.
  add(entry) {
    this.done = [...this.done, entry];
    this.undone = [];
    this.changed();
  }

  // Returns what was undone; undefined when there was nothing.
  undo() {
    return this.move("done", "undone");
  }

  redo() {
    return this.move("undone", "done");
  }

  move(from, to) {
    const entry = this[from].at(-1);
    if (!entry) return undefined;
    this[to] = [...this[to], entry];
    this[from] = this[from].slice(0, -1);
    this.changed();
    return entry;
  }

  changed() {
    save(this.slot, { done: this.done, undone: this.undone });
    this.tell();
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}
