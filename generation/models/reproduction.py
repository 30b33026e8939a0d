"""A picture drawn once more to see whether the same comes of it. What comes is compared and thrown away."""

from django.db import models
from django.db.models import Q

from generation.models.environment import Environment
from generation.models.image import Image
from generation.models.job import Job


class Reproduction(models.Model):
    """One comparison: whose run, of which picture, and what was found."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="reproduction")
    image = models.ForeignKey(Image, models.CASCADE, related_name="reproductions")
    # The largest difference of any pixel in any channel, 0 to 255; empty until the run has ended well.
    max_difference = models.PositiveSmallIntegerField(null=True, blank=True)
    # Peak signal-to-noise ratio in decibels; empty where there is no noise at all.
    psnr = models.FloatField(null=True, blank=True)
    # Structural similarity, up to 1.
    ssim = models.FloatField(null=True, blank=True)
    pixels_sha256 = models.CharField(max_length=64, blank=True)
    environment = models.ForeignKey(
        Environment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(max_difference__isnull=True) | Q(max_difference__lte=255),
                name="reproduction_difference_in_bounds",
            )
        ]

    def __str__(self) -> str:
        return f"reproduction of {self.image_id}"

    @property
    def is_identical(self) -> bool:
        """Whether every pixel came again, bit for bit."""
        return self.max_difference == 0
