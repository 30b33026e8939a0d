// Remembers whether "Advanced" was left open. A cookie, so that the page comes as it was left and nothing jumps.
const YEAR_SECONDS = 31_536_000;

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.id !== "advanced") return;
    const state = event.target.open ? "open" : "closed";
    document.cookie = `advanced=${state}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
    document.cookie = "advanced=; path=/create/; max-age=0; samesite=lax"; // Create had one of its own once
  },
  true, // toggle does not bubble
);
