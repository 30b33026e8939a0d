// What was painted for an earlier result and lies on the server: a mask is white on black, strokes are white (subject)
// and black (background) on grey. Here each ink of it becomes a canvas that covers where that ink is.
import { loadImage, urlOf } from "./pictures.js";

// How much of an ink a grey stands for, 0 to 255; the canvas cuts off what is below.
const COVER = {
  paint: (grey) => grey,
  keep: (grey) => ((grey - 128) * 255) / 127,
  drop: (grey) => 255 - 2 * grey,
};
const pictures = new Map();
const covers = new Map();

// Loads what these marks name, once. Throws an Error with words for the person.
export async function loadStored(marks) {
  for (const { ref } of marks.filter(({ shape }) => shape === "stored")) {
    if (!pictures.has(ref)) pictures.set(ref, await loadImage(urlOf(ref)));
  }
}

// Returns a canvas that is opaque where an ink is; null while nothing is loaded.
export function coverOf(ref, ink) {
  const name = `${ref} ${ink}`;
  if (!covers.has(name) && pictures.has(ref)) covers.set(name, cover(pictures.get(ref), COVER[ink]));
  return covers.get(name) ?? null;
}

function cover(image, coverOfGrey) {
  const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < pixels.data.length; at += 4) pixels.data[at + 3] = coverOfGrey(pixels.data[at]);
  context.putImageData(pixels, 0, 0);
  return canvas;
}
