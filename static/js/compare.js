// Comparing two pictures: a line that is drawn across, both side by side, or the second instead of the first.

import { t } from "./words.js";

const page = document.getElementById("compare");
const stage = document.getElementById("compare-stage");
const slider = document.getElementById("compare-slider");
const hint = document.getElementById("compare-hint");
const HINTS = {
  slider: t("Drag, or press ← and →."),
  side: t("Press a picture to open it."),
  hover: t("Point at the picture, or hold Space, to see the second."),
};

function turnTo(way) {
  page.dataset.way = way;
  hint.textContent = HINTS[way];
  for (const button of page.querySelectorAll("button[data-way]")) {
    button.setAttribute("aria-pressed", String(button.dataset.way === way));
  }
  if (way === "slider") slider.focus({ preventScroll: true });
  if (way === "hover") stage.focus({ preventScroll: true }); // Space is for the stage, not for the button again
}

page.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-way]");
  if (button) turnTo(button.dataset.way);
  else if (page.dataset.way === "hover" && event.target.closest(".compare-side")) {
    // A finger cannot hover: each touch turns the picture over.
    event.preventDefault();
    stage.classList.toggle("is-flipped");
  }
});

slider.addEventListener("input", () => stage.style.setProperty("--at", `${slider.value}%`));

for (const kind of ["keydown", "keyup"]) {
  document.addEventListener(kind, (event) => {
    if (event.key !== " " || page.dataset.way !== "hover" || event.target.closest("button")) return;
    event.preventDefault();
    stage.classList.toggle("is-flipped", kind === "keydown");
  });
}
