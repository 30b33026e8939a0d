// What was done to a picture and can be undone; kept for the tab, so that a reload loses nothing. One list a channel:
// "mask", "strokes" and "frame" each have their own.
export class History extends EventTarget {
  constructor() {
    super();
    this.slot = null;
    this.done = [];
    this.undone = [];
  }

  // Goes on with what was kept for this picture and channel.
  open(ref, channel) {
    this.slot = `edit:${ref}:${channel}`;
    const kept = read(this.slot);
    this.done = kept?.done ?? [];
    this.undone = kept?.undone ?? [];
    this.tell();
  }

  add(entry) {
    this.done = [...this.done, entry];
    this.undone = [];
    this.changed();
  }

  undo() {
    if (!this.done.length) return false;
    this.undone = [...this.undone, this.done.at(-1)];
    this.done = this.done.slice(0, -1);
    return this.changed();
  }

  redo() {
    if (!this.undone.length) return false;
    this.done = [...this.done, this.undone.at(-1)];
    this.undone = this.undone.slice(0, -1);
    return this.changed();
  }

  changed() {
    write(this.slot, { done: this.done, undone: this.undone });
    this.tell();
    return true;
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}

export function read(slot) {
  try {
    return JSON.parse(sessionStorage.getItem(slot));
  } catch {
    return null; // storage is closed to us
  }
}

export function write(slot, value) {
  try {
    sessionStorage.setItem(slot, JSON.stringify(value));
  } catch {
    // No storage, or it is full: it lasts as long as the page.
  }
}
