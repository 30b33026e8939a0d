// One picture at a time, chosen by the slider. Without this script all of them stand in a row.
const board = document.querySelector("[data-guide]");
const range = document.getElementById("guide-range");

function show() {
  const chosen = Number(range.value);
  const stops = [...board.querySelectorAll(".guide-stop")];
  stops.forEach((stop, place) => {
    stop.hidden = place !== chosen;
  });
  range.setAttribute("aria-valuetext", stops[chosen].querySelector("strong").textContent);
}

if (board && range) {
  board.classList.add("guide-board-slid");
  range.closest("[hidden]").hidden = false;
  range.addEventListener("input", show);
  show();
}
