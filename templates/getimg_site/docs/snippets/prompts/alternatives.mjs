const response = await fetch("{{ api_url }}/v1/diffusions", {
  method: "POST",
  headers: { Authorization: "Bearer {{ api_key }}", Prefer: "wait=30" },
  body: JSON.stringify({ prompt: "a {red|green|blue} fox in __weather__", numImages: 4 }),
});
for (const output of (await response.json()).outputs) console.log(output.seed, output.prompt);
