curl '{{ api_url }}/v1/diffusions?limit=20&status=FINISHED' \
  -H 'Authorization: Bearer {{ api_key }}'
