curl -i -X POST {{ api_url }}/v1/diffusions \
  -H 'Authorization: Bearer {{ api_key }}' \
  -d '{"prompt": "a red fox", "steps": 1000}'
