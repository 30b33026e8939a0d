"""The tables of the product, one aggregate a file."""

from generation.models.expiry_mail import ExpiryMail
from generation.models.image import Image, Licence
from generation.models.installed_model import InstalledModel
from generation.models.job import Job
from generation.models.model_alias import ModelAlias

__all__ = ["ExpiryMail", "Image", "InstalledModel", "Job", "Licence", "ModelAlias"]
