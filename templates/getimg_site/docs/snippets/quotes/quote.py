import requests

headers = {"Authorization": "Bearer {{ api_key }}"}
request = {"prompt": "a red fox", "numImages": 4}

quote = requests.post("{{ api_url }}/v1/diffusions/quote", headers=headers, json=request, timeout=30).json()
response = requests.post(
    "{{ api_url }}/v1/diffusions",
    headers=headers,
    json={**request, "quoteId": quote["quoteId"]},
    timeout=30,
)
print(quote["credits"], response.status_code)
