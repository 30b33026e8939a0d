import requests

response = requests.post(
    "{{ api_url }}/v1/diffusions",
    headers={"Authorization": "Bearer {{ api_key }}"},
    json={"prompt": "Mountain village landscape, neo fauvist style", "model": "{{ model }}"},
    timeout=30,
)
diffusion = response.json()
print(diffusion["id"], diffusion["status"])
