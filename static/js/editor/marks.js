// Marks are what was painted over a picture: shapes in the picture's own pixels, never bitmaps, so that they can be
// kept, undone and drawn at any size. A mark: { shape, ink, … }; ink is "paint", "erase", "keep" or "drop".

// Stamps follow each other at this part of their size; closer changes nothing one sees.
const SPACING = 0.12;
const stamps = new Map();

// Draws marks onto a context whose pixels are the picture's. colours: ink → CSS colour.
export function drawMarks(context, marks, colours) {
  const { width, height } = context.canvas;
  context.clearRect(0, 0, width, height);
  for (const mark of marks) drawMark(context, mark, colours);
}

// Draws one mark; of a stroke only the points from `from` on, so that a long one can grow.
export function drawMark(context, mark, colours, from = 0) {
  const colour = colours[mark.ink] ?? colours.paint;
  context.save();
  context.globalCompositeOperation = mark.ink === "erase" ? "destination-out" : "source-over";
  context.fillStyle = context.strokeStyle = colour;
  if (mark.shape === "stroke") drawStroke(context, mark, colour, from);
  else if (mark.shape === "rectangle") context.fillRect(mark.x, mark.y, mark.width, mark.height);
  else if (mark.shape === "lasso") fillPath(context, mark.points);
  else if (mark.shape === "all") context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  else if (mark.shape === "invert") {
    context.globalCompositeOperation = "source-out";
    context.fillStyle = colours.paint;
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  } else if (mark.shape === "clear") context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.restore();
}

// Returns a PNG of the marks at the picture's size, as the server wants it: a mask is white on black, strokes are
// white (subject) and black (background) on grey.
export function exportMarks(marks, { width, height }, kind) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  drawMarks(context, marks, { paint: "#fff", keep: "#fff", drop: "#000" });
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = kind === "mask" ? "#000" : "#808080";
  context.fillRect(0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function drawStroke(context, mark, colour, from) {
  const { points, size, softness } = mark;
  const first = Math.max(0, from - 1);
  if (!softness || points.length === 1) {
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = size;
    context.beginPath();
    context.moveTo(...points[first]);
    for (const point of points.slice(first)) context.lineTo(...point);
    context.stroke();
    return;
  }
  const stamp = softStamp(Math.max(2, Math.round(size)), softness, colour);
  for (let index = first + 1; index < points.length; index += 1) {
    const [x0, y0] = points[index - 1];
    const [x1, y1] = points[index];
    const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / (size * SPACING)));
    for (let step = 1; step <= steps; step += 1) {
      const part = step / steps;
      context.drawImage(stamp, x0 + (x1 - x0) * part - size / 2, y0 + (y1 - y0) * part - size / 2, size, size);
    }
  }
}

function softStamp(size, softness, colour) {
  const name = `${size} ${softness} ${colour}`;
  if (!stamps.has(name)) {
    const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const context = canvas.getContext("2d");
    const half = size / 2;
    const gradient = context.createRadialGradient(half, half, half * (1 - softness), half, half, half);
    gradient.addColorStop(0, "#000");
    gradient.addColorStop(1, "transparent");
    context.fillStyle = gradient;
    context.fillRect(0, 0, size, size);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = colour;
    context.fillRect(0, 0, size, size);
    stamps.set(name, canvas);
  }
  return stamps.get(name);
}

function fillPath(context, points) {
  context.beginPath();
  for (const point of points) context.lineTo(...point);
  context.closePath();
  context.fill();
}
