"""How long to wait for what stands on other hosts. One that is cut off neither answers nor refuses: left to itself, the
system would wait for it for a quarter of an hour, with whoever asked.
"""

from typing import Any

# libpq's own names; the last one in milliseconds. A statement that takes long is none of their business.
DATABASE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def cache_on(redis_url: str) -> dict[str, Any]:
    """Return the setting of a cache on Redis."""
    limits = {"socket_connect_timeout": 1, "socket_timeout": 2}
    return {"BACKEND": "getimg_site.shared_cache.ForgivingRedisCache", "LOCATION": redis_url, "OPTIONS": limits}


def of_bucket() -> Any:
    """Return how a bucket is asked. What is away is asked again by whoever can wait, which a visitor cannot."""
    from botocore.config import Config  # takes a third of a second; most sites that are tried out have no bucket

    return Config(
        s3={"addressing_style": "path"},
        signature_version="s3v4",
        connect_timeout=3,
        read_timeout=20,
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
