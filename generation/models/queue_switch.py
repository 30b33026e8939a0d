"""What an operator has stopped: a queue whose work waits until it is let go on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QueueSwitch(models.Model):
    """One queue that can be paused; without a row nothing is."""

    class Queue(models.TextChoices):
        TRAINING = "training", _("Training")

    queue = models.CharField(max_length=16, choices=Queue.choices, primary_key=True)
    # Nothing new is begun; what is being trained writes a checkpoint and waits.
    is_paused = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "queue switches"

    def __str__(self) -> str:
        return f"{self.get_queue_display()}: {'paused' if self.is_paused else 'running'}"

    @classmethod
    def paused(cls, queue: str) -> bool:
        """Whether this queue's work has to wait."""
        return cls.objects.filter(queue=queue, is_paused=True).exists()
