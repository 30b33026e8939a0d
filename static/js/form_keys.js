// The page may come out of the browser's cache, in two tabs at once: each draws keys of its own, so that two presses are two
// runs. Who comes back to it gets the key that it had, so that the same press made again is the same run.
const draw = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const before = isBack ? history.state?.formKey : null;

for (const key of document.querySelectorAll('input[type="hidden"][name="key"]')) {
  key.value = (key.id === "form-key" && before) || draw();
  if (key.id === "form-key") history.replaceState({ ...history.state, formKey: key.value }, "");
}
