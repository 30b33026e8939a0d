// The editor's keys. Single letters are the pens' while nothing is being typed; the board's own keys need its focus.
const PENS = { b: "brush", e: "eraser", r: "rectangle", l: "lasso", h: "hand" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function listen(editor) {
  const { board, pens } = editor;
  const isTyping = (target) => target.closest("input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, select") !== null;
  const isOpen = () => document.querySelector("dialog[open], :popover-open") !== null;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isOpen() || isTyping(event.target)) return;
    if (event.ctrlKey || event.metaKey) return withCommand(event);
    if (event.altKey) return;
    if (pens.growing?.byKeys && byKeys(event)) return event.preventDefault();
    if (event.key === " " && !event.target.closest("button, input, summary, a")) {
      pens.isMoving = true;
      editor.container.classList.add("is-moving");
      return event.preventDefault();
    }
    const command = commandOf(event);
    if (command) {
      event.preventDefault();
      editor.perform(command);
    } else if (event.key in PENS && editor.form.marks) {
      editor.takePen(PENS[event.key]);
      if (event.key === "r" && event.target === editor.container) pens.beginByKeys();
    } else if (event.key === "[" || event.key === "]") editor.resizePen(event.key === "]" ? 1.15 : 1 / 1.15);
    else if (event.key in ARROWS && event.target === editor.container) {
      const [x, y] = ARROWS[event.key];
      board.panBy(-40 * x, -40 * y);
      event.preventDefault();
    }
  });

  document.addEventListener("keyup", (event) => {
    if (event.key !== " ") return;
    pens.isMoving = false;
    editor.container.classList.remove("is-moving");
  });

  function withCommand(event) {
    const key = event.key.toLowerCase();
    const command = { z: event.shiftKey ? "redo" : "undo", y: "redo", a: "all" }[key];
    if (!command || (command === "all" && editor.form.marks !== "mask")) return;
    event.preventDefault();
    editor.perform(command);
  }

  function commandOf(event) {
    const command = { "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "fit", 1: "actual", ",": "before", ".": "after", v: "hide" }[event.key];
    if (command) return command;
    if (!editor.form.marks) return null;
    return { i: editor.form.marks === "mask" ? "invert" : null, Delete: "clear", Backspace: "clear" }[event.key] ?? null;
  }

  function byKeys(event) {
    if (event.key in ARROWS) pens.stretchByKeys(...ARROWS[event.key], event.shiftKey);
    else if (event.key === "Enter") pens.finish();
    else if (event.key === "Escape") pens.drop();
    else return false;
    return true;
  }
}
