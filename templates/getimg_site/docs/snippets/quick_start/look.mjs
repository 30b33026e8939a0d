const response = await fetch("{{ api_url }}/v1/diffusions/{{ id }}", {
  headers: { Authorization: "Bearer {{ api_key }}" },
});
const diffusion = await response.json();
console.log(diffusion.status, diffusion.images);
