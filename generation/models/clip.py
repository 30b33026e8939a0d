"""The video of a picture: the picture is its first frame, and whatever is true of the one is true of the other."""

from django.db import models
from django.db.models import Q

from generation.models.image import Image


class Clip(models.Model):
    """A video's files. Written with its picture, never changed, gone with it."""

    image = models.OneToOneField(Image, models.CASCADE, primary_key=True, related_name="clip")
    mp4 = models.CharField(max_length=200)
    webp = models.CharField(max_length=200)
    gif = models.CharField(max_length=200)
    # Of the MP4, as are the checksum and the size in bytes.
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    frames = models.PositiveSmallIntegerField()
    fps = models.PositiveSmallIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    webp_bytes = models.PositiveBigIntegerField()
    gif_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    # Of its frames as they were drawn, before any of the files; unknown of videos older than this column.
    frames_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(frames__gt=0, fps__gt=0), name="clip_has_length"),
        ]
        indexes = [models.Index(fields=["sha256"], name="clip_by_checksum")]

    def __str__(self) -> str:
        return f"video of picture {self.image_id}"

    @property
    def seconds(self) -> float:
        """How long it is, to a hundredth."""
        return round(self.frames / self.fps, 2)

    @property
    def files(self) -> tuple[str, str, str]:
        """Storage keys of everything that belongs to it."""
        return (self.mp4, self.webp, self.gif)
