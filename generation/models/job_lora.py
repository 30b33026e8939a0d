"""Which of people's own models a run drew with: what the library is filtered by."""

from django.conf import settings
from django.db import models

from generation.models.custom_model import CustomModel
from generation.models.job import Job


class JobLora(models.Model):
    """One model of one run. Written when the run is sent and never changed; the run's settings say with what weight."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="lora_uses", db_index=False)
    model = models.ForeignKey(CustomModel, models.CASCADE, related_name="uses")
    # Whose run it is: people see what they drew with, whoever has the model.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "model"], name="job_lora_once")]
        indexes = [models.Index(fields=["user", "model", "job"], name="job_lora_by_user")]

    def __str__(self) -> str:
        return f"model {self.model_id} in {self.job_id}"
