curl -X POST {{ api_url }}/v1/diffusions -H 'Authorization: Bearer {{ api_key }}' \
  -d '{"prompt": "a bruno7 on a dark blue background", "loras": [{"id": "{{ model_id }}", "weight": 0.8}]}'
