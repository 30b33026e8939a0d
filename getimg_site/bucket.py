"""The bucket that files lie in: how it is spoken to, and the origin that its signed links lead browsers to."""

from typing import Any
from urllib.parse import urlsplit

from getimg_site import patience


def storage(name: str, endpoint_url: str, region: str, access_key: str, secret_key: str) -> dict[str, Any]:
    """Return the setting of a storage in that bucket; an empty endpoint is AWS, empty keys are looked for by boto3."""
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": name,
            "endpoint_url": endpoint_url or None,
            "access_key": access_key or None,
            "secret_key": secret_key or None,
            "region_name": region,
            "client_config": patience.of_bucket(),
            "default_acl": None,
            "file_overwrite": True,
            "querystring_expire": 300,  # the view that leads there says how long
        },
    }


def origin(endpoint_url: str, region: str) -> str:
    """Return the origin of the bucket's signed links.

    The bucket is named in their path (`patience.of_bucket`), so the host is the endpoint's alone.
    Source: botocore's endpoints of s3, of which us-east-1 is the one without its region.
    """
    if endpoint_url:
        parts = urlsplit(endpoint_url)
        return f"{parts.scheme}://{parts.netloc}"
    if region in {"us-east-1", "aws-global"}:
        return "https://s3.amazonaws.com"
    return f"https://s3.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")
