const response = await fetch("{{ api_url }}/v1/diffusions", {
  method: "POST",
  headers: { Authorization: "Bearer {{ api_key }}" },
  body: JSON.stringify({ prompt: "a red fox", steps: 1000 }),
});
if (!response.ok) {
  const { error } = await response.json();
  console.log(response.status, error.code, error.param, error.message);
}
