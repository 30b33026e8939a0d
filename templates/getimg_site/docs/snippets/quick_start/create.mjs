const response = await fetch("{{ api_url }}/v1/diffusions", {
  method: "POST",
  headers: { Authorization: "Bearer {{ api_key }}" },
  body: JSON.stringify({ prompt: "Mountain village landscape, neo fauvist style", model: "{{ model }}" }),
});
const diffusion = await response.json();
console.log(diffusion.id, diffusion.status);
