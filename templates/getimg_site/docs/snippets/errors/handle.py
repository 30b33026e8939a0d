import requests

response = requests.post(
    "{{ api_url }}/v1/diffusions",
    headers={"Authorization": "Bearer {{ api_key }}"},
    json={"prompt": "a red fox", "steps": 1000},
    timeout=30,
)
if not response.ok:
    error = response.json()["error"]
    print(response.status_code, error["code"], error["param"], error["message"])
