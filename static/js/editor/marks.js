// Marks are what was painted over a picture: shapes in the picture's own pixels, never bitmaps, so that they can be
// kept, undone and drawn at any size. A mark: { shape, ink, … }; ink is "paint", "erase", "keep" or "drop". A stroke's
// points are [x, y] or, of a pen that feels pressure, [x, y, part of the size]. "stored" stands for all that was painted
// for an earlier result: it has `inks` and the `ref` of what was uploaded then.
import { coverOf, loadStored } from "./stored.js";
import { t } from "../words.js";

// The greys of what is uploaded: data that the server reads, not colours that somebody sees.
const MASK = { paint: "white", keep: "white", drop: "black" };

// Draws marks onto a context whose pixels are the picture's. colours: ink → CSS colour.
export function drawMarks(context, marks, colours) {
  const { width, height } = context.canvas;
  context.clearRect(0, 0, width, height);
  for (const mark of marks) drawMark(context, mark, colours);
}

// Draws one mark, each in one fill: a stroke that crosses itself is no darker there.
export function drawMark(context, mark, colours) {
  const { width, height } = context.canvas;
  context.save();
  context.globalCompositeOperation = mark.ink === "erase" ? "destination-out" : "source-over";
  context.fillStyle = colours[mark.ink] ?? colours.paint;
  if (mark.shape === "stroke") fillStroke(context, mark);
  else if (mark.shape === "rectangle") context.fillRect(mark.x, mark.y, mark.width, mark.height);
  else if (mark.shape === "lasso") context.fill(lassoPath(mark.points));
  else if (mark.shape === "all") context.fillRect(0, 0, width, height);
  else if (mark.shape === "stored") {
    context.clearRect(0, 0, width, height);
    for (const ink of mark.inks) drawStored(context, mark.ref, ink, colours);
  } else if (mark.shape === "invert") {
    context.globalCompositeOperation = "source-out";
    context.fillRect(0, 0, width, height);
  } else if (mark.shape === "clear") context.clearRect(0, 0, width, height);
  context.restore();
}

// The rectangle that a stroke can change, in whole pixels.
export function boxOf({ points, size }) {
  const reach = size / 2 + 2;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const x = Math.floor(xs.reduce((a, b) => Math.min(a, b)) - reach);
  const y = Math.floor(ys.reduce((a, b) => Math.min(a, b)) - reach);
  return { x, y, width: Math.ceil(xs.reduce((a, b) => Math.max(a, b)) + reach) - x, height: Math.ceil(ys.reduce((a, b) => Math.max(a, b)) + reach) - y };
}

// Returns a PNG of the marks at the picture's size, as the server wants it: a mask is white on black, strokes are
// white (subject) and black (background) on grey.
export async function exportMarks(marks, { width, height }, kind) {
  await loadStored(marks);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  drawMarks(context, marks, MASK);
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = kind === "mask" ? "black" : "gray";
  context.fillRect(0, 0, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(t("The mask is too large for this browser. Take a smaller picture.")))), "image/png");
  });
}

function drawStored(context, ref, ink, colours) {
  const cover = coverOf(ref, ink);
  if (!cover) return; // still on its way; the sheet is drawn again when it is here
  const { width, height } = context.canvas;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const layer = canvas.getContext("2d");
  layer.drawImage(cover, 0, 0, width, height);
  layer.globalCompositeOperation = "source-in";
  layer.fillStyle = colours[ink];
  layer.fillRect(0, 0, width, height);
  context.drawImage(canvas, 0, 0);
}

function fillStroke(context, mark) {
  const path = strokePath(mark);
  if (!mark.softness) return context.fill(path);
  // A shadow is the one soft edge that every browser draws in one fill: of a shape that lies out of sight. Its blur is
  // two standard deviations, and twice as many on each side of the shape's edge are softness × half the size.
  const away = context.canvas.width + 2 * mark.size;
  context.shadowColor = context.fillStyle;
  context.shadowBlur = (mark.softness * mark.size) / 4;
  context.shadowOffsetX = away;
  context.translate(-away, 0);
  context.fill(path);
}

// Circles at the points and what lies between them, all turning the same way, so that they are one area to fill.
function strokePath({ points, size, softness }) {
  const path = new Path2D();
  const radiusOf = (point) => Math.max(0.5, (size / 2) * (point[2] ?? 1) * (1 - softness / 2));
  points.forEach((point, at) => {
    const radius = radiusOf(point);
    path.moveTo(point[0] + radius, point[1]);
    path.arc(point[0], point[1], radius, 0, 2 * Math.PI);
    if (at) addBetween(path, points[at - 1], radiusOf(points[at - 1]), point, radius);
  });
  return path;
}

function addBetween(path, [x0, y0], radius0, [x1, y1], radius1) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!length) return;
  const across = [-(y1 - y0) / length, (x1 - x0) / length];
  path.moveTo(x0 - across[0] * radius0, y0 - across[1] * radius0);
  path.lineTo(x1 - across[0] * radius1, y1 - across[1] * radius1);
  path.lineTo(x1 + across[0] * radius1, y1 + across[1] * radius1);
  path.lineTo(x0 + across[0] * radius0, y0 + across[1] * radius0);
  path.closePath();
}

function lassoPath(points) {
  const path = new Path2D();
  for (const point of points) path.lineTo(...point);
  path.closePath();
  return path;
}
