// Two short notes, made here: upwards when something is done, downwards when it failed.

const NOTES = { done: [660, 880], failed: [440, 330] };
const LENGTH_SECONDS = 0.16;
const GESTURES = ["pointerdown", "keydown"];
let context;

// Waits until this page may be heard: before a first click or key browsers keep it silent.
export function audible() {
  context ??= new AudioContext();
  return new Promise((resolve) => {
    const wake = () => context.resume().catch(() => {});
    const look = () => {
      if (context.state !== "running") return;
      for (const kind of GESTURES) document.removeEventListener(kind, wake, true);
      resolve();
    };
    context.addEventListener("statechange", look);
    for (const kind of GESTURES) document.addEventListener(kind, wake, true);
    wake();
    look();
  });
}

export async function play(kind) {
  await audible();
  NOTES[kind].forEach((frequency, place) => {
    const start = context.currentTime + place * LENGTH_SECONDS;
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, start);
    loudness.gain.linearRampToValueAtTime(0.12, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + LENGTH_SECONDS);
    tone.connect(loudness).connect(context.destination);
    tone.start(start);
    tone.stop(start + LENGTH_SECONDS);
  });
}
