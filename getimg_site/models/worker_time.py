"""How long the workers of a cluster were up on a day, on a host; the supervisors count it (`worker_time`)."""

from django.db import models


class WorkerTime(models.Model):
    """A day, in UTC. Two workers that were up for an hour are 7,200 seconds."""

    cluster = models.CharField(max_length=20)
    host = models.CharField(max_length=64)
    on = models.DateField()
    seconds = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cluster", "on", "host"], name="worker_time_one_a_day")]

    def __str__(self) -> str:
        return f"{self.cluster} on {self.host}, {self.on}"
