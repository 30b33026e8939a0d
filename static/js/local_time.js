// Writes times in the time zone of the reader's settings, and in the page's language with the day first, as the server
// writes those in its sentences: 28 Dec 2026 here, 28 December 2026 there. Without it they stand as served.
import { locale } from "./words.js";

const zone = document.documentElement.dataset.timeZone || undefined;
const MINUTE = 60_000;

const FORMATS = {
  date: { dateStyle: "medium" },
  day: { day: "numeric", month: "short" },
  moment: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  stamp: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  full: { dateStyle: "medium", timeStyle: "short" },
};

function words(date, kind) {
  const age = Date.now() - date.getTime();
  if (kind === "moment" && age < 45 * MINUTE && age > -MINUTE) {
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
    return age < MINUTE ? relative.format(0, "second") : relative.format(-Math.round(age / MINUTE), "minute");
  }
  return new Intl.DateTimeFormat(locale, { ...FORMATS[kind], timeZone: zone }).format(date);
}

function write(root) {
  for (const element of root.querySelectorAll("time[data-format]")) {
    const text = words(new Date(element.dateTime), element.dataset.format);
    if (element.textContent !== text) element.textContent = text;
  }
}

write(document);
document.addEventListener("htmx:afterSwap", () => write(document));
setInterval(() => write(document), MINUTE);
