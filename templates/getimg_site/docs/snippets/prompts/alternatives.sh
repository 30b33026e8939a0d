curl -X POST {{ api_url }}/v1/diffusions \
  -H 'Authorization: Bearer {{ api_key }}' \
  -H 'Prefer: wait=30' \
  -d '{"prompt": "a {red|green|blue} fox in __weather__", "numImages": 4}'
