"""The tables of the product, one aggregate a file."""

from generation.models.clip import Clip
from generation.models.custom_model import CustomModel, CustomModelGuest, CustomModelPicture, CustomModelSample
from generation.models.environment import Environment
from generation.models.erasure import Erasure
from generation.models.expiry_mail import ExpiryMail
from generation.models.export import Export
from generation.models.failed_attempt import FailedAttempt
from generation.models.folder import Folder
from generation.models.image import Image, Licence
from generation.models.installed_model import InstalledModel
from generation.models.job import Job
from generation.models.job_input import JobInput
from generation.models.job_lora import JobLora
from generation.models.model_alias import ModelAlias
from generation.models.model_install import ModelInstall
from generation.models.model_switch import ModelSwitch
from generation.models.moderation_case import ModerationCase
from generation.models.policy_rule import PolicyRule
from generation.models.preset import Preset
from generation.models.publication import Like, Publication, Report
from generation.models.queue_switch import QueueSwitch
from generation.models.reproduction import Reproduction
from generation.models.search_text import SearchText
from generation.models.tag import Tag
from generation.models.upload import Upload
from generation.models.webhook import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from generation.models.word_list import WordList

__all__ = [
    "Clip",
    "CustomModel",
    "CustomModelGuest",
    "CustomModelPicture",
    "CustomModelSample",
    "Environment",
    "Erasure",
    "Event",
    "ExpiryMail",
    "Export",
    "FailedAttempt",
    "Folder",
    "Image",
    "InstalledModel",
    "Job",
    "JobInput",
    "JobLora",
    "Licence",
    "Like",
    "ModelAlias",
    "ModelInstall",
    "ModelSwitch",
    "ModerationCase",
    "PolicyRule",
    "Preset",
    "Publication",
    "QueueSwitch",
    "Report",
    "Reproduction",
    "SearchText",
    "Tag",
    "Upload",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WordList",
]
