import requests

response = requests.post(
    "{{ api_url }}/v1/diffusions",
    headers={"Authorization": "Bearer {{ api_key }}", "Prefer": "wait=30"},
    json={"prompt": "a {red|green|blue} fox in __weather__", "numImages": 4},
    timeout=60,
)
for output in response.json()["outputs"]:
    print(output["seed"], output["prompt"])
