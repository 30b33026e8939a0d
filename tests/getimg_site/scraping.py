"""Reading /metrics as Prometheus does."""

from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "a token of Prometheus, long enough"


def figures(text: str) -> dict[str, float]:
    """Return each figure by its name and the values of its labels, in the order of the labels' names."""
    return {
        " ".join([sample.name, *(value for _, value in sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(client: Client, token: str = TOKEN) -> str:
    """Return the page."""
    response = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    return response.content.decode()
