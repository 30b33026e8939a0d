curl -X POST {{ api_url }}/v1/files \
  -H 'Authorization: Bearer {{ api_key }}' \
  -F file=@photo.png
