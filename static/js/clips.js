// Videos in galleries: a poster that plays while the pointer or the focus is on it, and is loaded only then.
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

// Plays a tile's video over its poster, without sound, round and round.
export function play(link) {
  if (stillness.matches || link.querySelector("video")) return;
  const video = document.createElement("video");
  Object.assign(video, { muted: true, loop: true, playsInline: true, src: link.dataset.clip, className: "clip-video" });
  video.setAttribute("aria-hidden", "true");
  video.tabIndex = -1;
  // The poster stays until there is something to see.
  video.addEventListener("playing", () => video.classList.add("is-playing"), { once: true });
  link.querySelector(".frame").append(video);
  video.play().catch(() => video.remove()); // the browser would not, or the pointer was gone before it began
}

export function stop(link) {
  const video = link.querySelector("video");
  if (!video) return;
  video.pause();
  video.removeAttribute("src");
  video.load(); // lets go of what is still on its way
  video.remove();
}

const clipOf = (event) => (event.target instanceof Element ? event.target.closest("[data-clip]") : null);

document.addEventListener("pointerover", (event) => {
  const link = clipOf(event);
  if (link && event.pointerType !== "touch") play(link);
});
document.addEventListener("pointerout", (event) => {
  const link = clipOf(event);
  if (link && !link.contains(event.relatedTarget) && link !== document.activeElement) stop(link);
});
document.addEventListener("focusin", (event) => clipOf(event) && play(clipOf(event)));
document.addEventListener("focusout", (event) => clipOf(event) && stop(clipOf(event)));
