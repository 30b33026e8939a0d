import time

import requests

headers = {"Authorization": "Bearer {{ api_key }}", "Prefer": "wait=30"}

while True:
    response = requests.get("{{ api_url }}/v1/diffusions/{{ id }}", headers=headers, timeout=60)
    diffusion = response.json()
    if diffusion["status"] not in ("NEW", "PROCESSING"):
        break
    if "Preference-Applied" not in response.headers:
        time.sleep(1)

print(diffusion["status"], diffusion["images"])
