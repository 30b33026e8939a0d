// A run's answer brings the price of what was sent. Settings that were changed meanwhile stay, so theirs is asked for.
const NAMES = ["model", "size", "num_images", "steps", "guidance_scale", "scheduler", "seed"];

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful, requestConfig } = event.detail;
  if (elt.id !== "create-form" || !successful) return;
  const [sent, now] = [requestConfig.formData, new FormData(elt)];
  if (NAMES.some((name) => String(sent.getAll(name)) !== String(now.getAll(name)))) htmx.trigger(".settings-rest", "input");
});
