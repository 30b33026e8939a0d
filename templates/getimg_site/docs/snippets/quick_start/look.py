import requests

response = requests.get(
    "{{ api_url }}/v1/diffusions/{{ id }}",
    headers={"Authorization": "Bearer {{ api_key }}"},
    timeout=30,
)
diffusion = response.json()
print(diffusion["status"], diffusion["images"])
