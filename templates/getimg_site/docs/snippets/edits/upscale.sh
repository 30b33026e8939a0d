printf '{"task": "upscale", "factor": 2, "image": "%s"}' "$(base64 -w0 photo.png)" |
  curl -X POST {{ api_url }}/v1/diffusions -H 'Authorization: Bearer {{ api_key }}' -d @-
