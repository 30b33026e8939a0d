// A slider beside a number: each follows the other. The number is what is sent.
document.addEventListener("input", (event) => {
  const { target } = event;
  if (target.dataset.slides) {
    document.getElementById(target.dataset.slides).value = target.value;
    return;
  }
  const slider = document.querySelector(`[data-slides="${CSS.escape(target.id)}"]`);
  if (slider) slider.value = target.value;
});
