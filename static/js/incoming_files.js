// Files that people drop or paste anywhere on the page.
export const PICTURE_KINDS = ["image/png", "image/jpeg", "image/webp"];

// Calls take(files). place() is the element that shows where files may be dropped; without one, none are taken.
export function watchForFiles(place, take) {
  let depth = 0;
  const over = (change) => {
    depth = Math.max(0, depth + change);
    place().classList.toggle("is-dropping", depth > 0);
  };
  const hasFiles = (event) => Boolean(place()) && event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => hasFiles(event) && over(1));
  document.addEventListener("dragleave", (event) => hasFiles(event) && over(-1));
  document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(-depth);
    take([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (place() && files.length) take(files);
  });
}
