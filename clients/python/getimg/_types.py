"""The types of requests and answers. Written from the description by `clients/write_types.py`."""

from __future__ import annotations

from typing import Literal, TypedDict


class _DiffusionFieldsLorasAlways(TypedDict):
    id: str


class DiffusionFieldsLoras(_DiffusionFieldsLorasAlways, total=False):
    weight: float


class DiffusionFields(TypedDict, total=False):
    """The fields of a request beside its prompt, in snake_case."""

    task: Literal[
        "text-to-image",
        "image-to-image",
        "inpaint",
        "outpaint",
        "blend",
        "remove-background",
        "replace-background",
        "upscale",
        "variations",
        "instruct",
        "controlnet",
        "image-to-video",
    ]
    negative_prompt: str
    model: str
    num_images: int
    guidance_scale: float
    seed: int
    loras: list[DiffusionFieldsLoras]
    width: int
    height: int
    steps: int
    scheduler: str
    image: str
    end_image: str
    mask: str
    strokes: str
    images: list[str]
    weights: list[float]
    strength: float
    mode: Literal["subtle", "strong"]
    feather: int
    left: int
    right: int
    top: int
    bottom: int
    factor: Literal[2, 4]
    image_guidance_scale: float
    control: Literal["canny", "depth", "pose", "scribble"]
    conditioning_scale: float
    low_threshold: int
    high_threshold: int
    is_map: bool
    seconds: float
    fps: int
    motion: float
    ref: str
    quote_id: str


class QuoteTerms(TypedDict):
    name: str
    factor: float
    detail: str


class QuoteWarnings(TypedDict):
    code: str
    message: str


class Quote(TypedDict):
    quoteId: str
    credits: int
    perImage: int
    numImages: int
    pricingVersion: int
    terms: list[QuoteTerms]
    warnings: list[QuoteWarnings]
    expiresAt: str


class ModelLimits(TypedDict):
    promptMaxLength: int
    numImagesMax: int
    sideMin: int
    sideMax: int
    sideMultipleOf: int
    stepsMin: int
    stepsMax: int
    guidanceScaleMin: float
    guidanceScaleMax: float
    schedulers: list[str]
    negativePrompt: bool
    weights: bool
    controls: list[str]
    inputBytesMax: int
    inputPixelsMax: int
    resultPixelsMax: int
    note: str


class ModelDefaults(TypedDict):
    width: int
    height: int
    numImages: int
    steps: int
    guidanceScale: float
    scheduler: str | None


class ModelPrices(TypedDict):
    perImage: int
    unit: str
    at: str


class ModelLicence(TypedDict):
    name: str
    url: str
    commercial: bool


class Model(TypedDict):
    id: str
    name: str
    summary: str
    servedBy: str
    available: bool
    unavailableReason: str | None
    tasks: list[str]
    limits: ModelLimits
    defaults: ModelDefaults
    prices: ModelPrices
    licence: ModelLicence


class File(TypedDict):
    id: str
    kind: str
    width: int
    height: int
    sizeBytes: int
    sha256: str
    url: str
    createdAt: str


class AccountPlan(TypedDict):
    id: str
    name: str


class AccountCreditsNextExpiry(TypedDict):
    credits: int
    at: str


class AccountCredits(TypedDict):
    balance: int
    onHold: int
    nextExpiry: AccountCreditsNextExpiry | None
    lowBalanceAt: int


class AccountKeyDailyCap(TypedDict):
    credits: int
    spent: int
    left: int
    resetsAt: str


class AccountKeyMonthlyCap(TypedDict):
    credits: int
    spent: int
    left: int
    resetsAt: str


class AccountKey(TypedDict):
    id: str
    name: str
    prefix: str
    isTest: bool
    scopes: list[Literal["generate", "read", "delete", "webhooks"]]
    allowedNetworks: list[str]
    createdAt: str
    expiresAt: str | None
    dailyCap: AccountKeyDailyCap | None
    monthlyCap: AccountKeyMonthlyCap | None


class AccountTestPictures(TypedDict):
    quota: int
    left: int
    resetsAt: str


class AccountLimitsRequests(TypedDict):
    name: str
    quota: int
    windowSeconds: int


class AccountLimits(TypedDict):
    requests: list[AccountLimitsRequests]
    waitingMax: int
    retentionDays: int


class Account(TypedDict):
    id: str
    plan: AccountPlan
    credits: AccountCredits
    key: AccountKey
    testPictures: AccountTestPictures
    limits: AccountLimits


class UsageTotal(TypedDict):
    requests: int
    pictures: int
    credits: int
    creditsOnHold: int


class UsageUsageKey(TypedDict):
    id: str
    name: str
    isTest: bool


class _UsageUsageAlways(TypedDict):
    requests: int
    pictures: int
    credits: int
    creditsOnHold: int


class UsageUsage(_UsageUsageAlways, total=False):
    day: str
    model: str
    key: UsageUsageKey


Usage = TypedDict(
    "Usage",
    {
        "from": str,
        "to": str,
        "groupBy": list[Literal["day", "model", "key"]],
        "total": UsageTotal,
        "usage": list[UsageUsage],
    },
)
