curl -X POST {{ api_url }}/v1/diffusions \
  -H 'Authorization: Bearer {{ api_key }}' \
  -d '{"prompt": "Mountain village landscape, neo fauvist style", "model": "{{ model }}"}'
