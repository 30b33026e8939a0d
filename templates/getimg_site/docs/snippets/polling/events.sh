curl --no-buffer --location {{ api_url }}/v1/diffusions/{{ id }}/events \
  -H 'Authorization: Bearer {{ api_key }}'
