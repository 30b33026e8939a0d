curl {{ api_url }}/v1/diffusions/{{ id }} \
  -H 'Authorization: Bearer {{ api_key }}' \
  -H 'Prefer: wait=30'
