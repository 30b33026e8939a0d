// The list of models closes when one is chosen, on Esc, and when the focus or a click goes elsewhere.
const picker = () => document.getElementById("model-picker");

function close({ withFocus = false } = {}) {
  picker().open = false;
  if (withFocus) picker().querySelector("summary").focus();
}

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target !== picker() || !picker().open) return;
    picker().querySelector(".picker-list").scrollIntoView({ block: "nearest" });
    picker().querySelector("input:checked").scrollIntoView({ block: "nearest" });
  },
  true, // toggle does not bubble
);

document.addEventListener("click", (event) => {
  if (picker()?.open && !picker().contains(event.target)) close();
  // A click on a name chooses; the arrow keys only wander, so they leave the list open.
  // Of the label's click, too: the one that Safari hands on to its field counts no presses.
  if (event.detail > 0 && event.target.closest("#model-picker .option:has(input:enabled)")) close({ withFocus: true });
});

document.addEventListener("keydown", (event) => {
  if (!picker()?.open || !picker().contains(event.target)) return;
  const chooses = event.key === "Enter" && event.target.name === "model";
  if (event.key !== "Escape" && !chooses) return;
  event.preventDefault();
  close({ withFocus: true });
});

document.addEventListener("focusin", (event) => {
  if (picker()?.open && !picker().contains(event.target)) close();
});
