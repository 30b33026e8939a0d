curl -X POST {{ api_url }}/v1/diffusions \
  -H 'Authorization: Bearer {{ api_key }}' \
  -H 'Idempotency-Key: order-1042' \
  -d '{"prompt": "a red fox in the snow", "ref": "order-1042"}'
