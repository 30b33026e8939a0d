curl {{ api_url }}/v1/diffusions/{{ id }} \
  -H 'Authorization: Bearer {{ api_key }}'
