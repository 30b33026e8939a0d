import requests

headers = {"Authorization": "Bearer {{ api_key }}"}
query = {"limit": "20", "status": "FINISHED"}

while True:
    page = requests.get("{{ api_url }}/v1/diffusions", params=query, headers=headers, timeout=30).json()
    for diffusion in page["data"]:
        print(diffusion["id"], diffusion["createdAt"])
    if not page["next"]:
        break
    query["after"] = page["next"]
