"""What a run began from: a picture made here or brought along. Stays, as a stub, when that is gone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from generation.models.image import Image, Licence
from generation.models.job import Job
from generation.models.upload import Upload


class JobInput(models.Model):
    """One picture of a run's beginning. Written when the run is sent and never changed."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("Picture made here")
        UPLOAD = "upload", _("Picture brought along")

    job = models.ForeignKey(Job, models.CASCADE, related_name="inputs", db_index=False)
    # `image`, `image_2` …, `mask`, `strokes`: see `engine.options`.
    role = models.CharField(max_length=16)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    image = models.ForeignKey(Image, models.SET_NULL, null=True, blank=True, related_name="+")
    upload = models.ForeignKey(Upload, models.SET_NULL, null=True, blank=True, related_name="+")
    # The run that made the picture: the way back goes on when the picture is gone.
    origin = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="+")
    # What the picture itself might be used for when the run was sent; empty for what was brought along.
    licence = models.CharField(max_length=12, choices=Licence.choices, blank=True)
    # What the picture was, for when it is gone.
    source_id = models.UUIDField()
    # Of the file that it was; unknown of runs older than this column.
    sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    placeholder = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "role"], name="job_input_one_per_role")]

    def __str__(self) -> str:
        return f"{self.role} {self.source_id} of {self.job_id}"
