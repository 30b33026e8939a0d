// The page may come out of the browser's cache, in two tabs at once: each gets keys of its own, so that two presses are two runs.
const draw = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

for (const key of document.querySelectorAll('input[type="hidden"][name="key"]')) key.value = draw();
