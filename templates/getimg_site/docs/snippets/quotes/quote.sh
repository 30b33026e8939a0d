curl -X POST {{ api_url }}/v1/diffusions/quote \
  -H 'Authorization: Bearer {{ api_key }}' \
  -d '{"prompt": "a red fox", "numImages": 4}'
