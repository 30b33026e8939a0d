const headers = { Authorization: "Bearer {{ api_key }}", Prefer: "wait=30" };

let diffusion;
do {
  const response = await fetch("{{ api_url }}/v1/diffusions/{{ id }}", { headers });
  diffusion = await response.json();
  if (!response.headers.has("Preference-Applied")) await new Promise((done) => setTimeout(done, 1000));
} while (["NEW", "PROCESSING"].includes(diffusion.status));

console.log(diffusion.status, diffusion.images);
