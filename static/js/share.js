// Hands a link to the device's own way of sharing, where it has one.
for (const button of document.querySelectorAll("[data-share]")) button.hidden = !navigator.share;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-share]");
  if (!button) return;
  try {
    await navigator.share({ title: button.dataset.shareTitle, text: button.dataset.shareText, url: button.dataset.share });
  } catch (error) {
    // Closing the sheet is no error.
    if (error.name !== "AbortError") throw error;
  }
});
