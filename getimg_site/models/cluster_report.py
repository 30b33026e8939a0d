"""What the supervisor of each queue cluster last told of it. Written by `getimg_site/cluster_life.py` alone."""

from django.db import models


class ClusterReport(models.Model):
    """One supervisor: a host has one or more of each cluster, each with a DATA_DIR of its own."""

    host = models.CharField(max_length=255, editable=False)
    cluster = models.CharField(max_length=20, editable=False)
    # Its DATA_DIR.
    folder = models.CharField(max_length=500, editable=False)
    told_at = models.DateTimeField(editable=False)
    # Whether one of its workers has a task in hand.
    is_busy = models.BooleanField(editable=False)
    # How often the supervisor had to start the cluster anew since it was started itself.
    restarts = models.PositiveIntegerField(editable=False)
    # Resident memory of all its processes, the engine's too; what they share counts in each.
    memory_bytes = models.PositiveBigIntegerField(editable=False)
    disk_free_bytes = models.PositiveBigIntegerField(editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "cluster", "folder"], name="cluster_report_once")]

    def __str__(self) -> str:
        return f"{self.cluster} on {self.host}"
