printf '{"task": "upscale", "factor": 2, "image": "%s"}' "$(base64 < photo.png | tr -d '\n')" |
  curl -X POST {{ api_url }}/v1/diffusions -H 'Authorization: Bearer {{ api_key }}' -d @-
