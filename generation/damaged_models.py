"""The mail to the operators that a model's files are damaged: once a model and day, however many runs fail of it."""

from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from billing import notices
from generation.models import Job

_AGAIN_SECONDS = 24 * 60 * 60


def warn(job_id: UUID) -> bool:
    """Tell the operators of the model of a run that failed; returns whether a mail went out."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        return False
    told = f"damaged-model-told:{job.served_by}"
    if not cache.add(told, True, _AGAIN_SECONDS):
        return False
    address = settings.SITE_URL + reverse("admin:generation_job_change", args=[job.pk])
    lines = [
        f"Runs with {job.served_by} fail: its files, or those of a tool or LoRA it was used with, are damaged.",
        f"Which file it is, the failed attempts of this run say: {address}",
    ]
    is_told = notices.warn_operators(f"The files of {job.served_by} are damaged", lines)
    if not is_told:
        cache.delete(told)
    return is_told
