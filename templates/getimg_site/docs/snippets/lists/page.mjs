const headers = { Authorization: "Bearer {{ api_key }}" };
let url = "{{ api_url }}/v1/diffusions?limit=20&status=FINISHED";

while (url) {
  const page = await (await fetch(url, { headers })).json();
  for (const diffusion of page.data) console.log(diffusion.id, diffusion.createdAt);
  url = page.next && `{{ api_url }}/v1/diffusions?limit=20&status=FINISHED&after=${page.next}`;
}
