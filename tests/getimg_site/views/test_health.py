import pytest
from django.conf import LazySettings
from django.db import DatabaseError, Error, InterfaceError, connection
from django.test import Client


def test_alive_without_touching_anything(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_database_and_cache_answer(client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": True, "cache": True}


@pytest.mark.django_db
@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_not_ready_where_the_database_does_not_answer(client: Client, error: type[Error]) -> None:
    def is_away(*_: object) -> None:
        raise error("the connection is closed")

    with connection.execute_wrapper(is_away):
        response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "database": False, "cache": True}


@pytest.mark.django_db
def test_without_its_cache_it_serves_on_and_says_so(client: Client, settings: LazySettings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "degraded", "database": True, "cache": False}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_looking_is_all_one_can_do(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
