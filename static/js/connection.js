// Says when the site can't be reached, and takes it back when an answer comes. Polling goes on by itself.

import { toast } from "./toast.js";
import { t } from "./words.js";

const banner = document.getElementById("connection");
let failures = 0;

function lost() {
  failures += 1;
  // One lost answer is noise; the browser's own word or a second one is not.
  if (failures > 1 || !navigator.onLine) banner.hidden = false;
}

function found() {
  failures = 0;
  banner.hidden = true;
}

// Polls come again by themselves; what a person sent does not.
function lostWhat(event, words) {
  lost();
  if (event.detail.requestConfig.verb === "get") return;
  banner.hidden = false;
  toast(words);
}

document.addEventListener("htmx:sendError", (event) => lostWhat(event, t("Not sent: the connection is lost. Please try again.")));
document.addEventListener("htmx:timeout", (event) => lostWhat(event, t("No answer came. It may have been done all the same: look before you try again.")));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status >= 500) lost();
  else found();
  if (event.detail.requestConfig.verb === "get") return;
  const words = status === 403 ? t("This page is out of date. Reload it and try again.") : t("That did not work. Please try again.");
  toast(words);
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status < 400) found();
});
window.addEventListener("offline", lost);
window.addEventListener("online", found);
