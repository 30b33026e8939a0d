import requests


def create(body: dict[str, object], key: str) -> requests.Response:
    headers = {"Authorization": "Bearer {{ api_key }}", "Idempotency-Key": key}
    for attempt in range(4):
        try:
            return requests.post("{{ api_url }}/v1/diffusions", headers=headers, json=body, timeout=30)
        except (requests.ConnectionError, requests.Timeout):
            if attempt == 3:
                raise
    raise AssertionError


response = create({"prompt": "a red fox in the snow", "ref": "order-1042"}, "order-1042")
print(response.json()["id"])
