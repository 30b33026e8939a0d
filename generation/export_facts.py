"""What an export says in words: about the person, each picture's recipe, each model of their own. Plain facts for JSON.

Nothing here opens anything: keys are named by their beginning, webhooks without their secret.
"""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.urls import reverse

from accounts import notifications
from accounts.models import ApiKey, FormerAddress, Referral, SupportVisit, Suspension, User
from billing.models import AutoTopUp, Payment, PlanSpell, Subscription, Wallet
from generation.models import (
    CustomModel,
    CustomModelGuest,
    CustomModelSample,
    Folder,
    Image,
    Job,
    Like,
    ModerationCase,
    Preset,
    Publication,
    Report,
    Tag,
    WebhookEndpoint,
    WordList,
)

_CHUNK = 200


def of_person(user: User) -> dict[str, Any]:
    """Return the profile, the wallets and payments, and what somebody set up."""
    profile = {
        "id": user.pk,
        "email": user.email,
        "name": user.display_name,
        "time_zone": user.time_zone,
        "joined_at": user.date_joined,
        "last_log_in_at": user.last_login,
        "invite_code": user.referral_code,
    }
    return {"profile": profile, **_account(user), **_money(user), **_set_up(user)}


def of_picture(image: Image) -> dict[str, Any]:
    """Return all that makes this picture again, and what it is. Reads its run, its video, its folder and its tags."""
    video = image.video
    return {
        "id": image.pk,
        "made_at": image.created_at,
        "task": image.job.task,
        "model": image.job.model,
        "served_by": image.job.served_by,
        "settings": image.recipe,
        "width": image.width,
        "height": image.height,
        "sha256": image.sha256,
        "video_sha256": video.sha256 if video else None,
        "licence": image.licence,
        "plan": image.plan,
        "model_licence": image.model_licence,
        "run": image.job_id,
        "library": {
            "description": image.alt_text,
            "folder": image.folder.name if image.folder else None,
            "favourite": image.is_favourite,
            "stars": image.rating,
            "tags": sorted(tag.name for tag in image.tags.all()),
        },
    }


def of_library(user: User) -> dict[str, Iterable[Any]]:
    """Return how somebody's library is ordered, what of it is shown to others, and what they like; read as it goes."""
    folders = Folder.objects.filter(user=user).order_by("id")
    shown = Publication.objects.filter(user=user).select_related("image").order_by("pk")
    likes = Like.objects.filter(user=user).select_related("publication").order_by("pk")
    return {
        "folders": ({"id": row.pk, "name": row.name, "created_at": row.created_at} for row in folders.filter(query="")),
        "saved_searches": (
            {"name": row.name, "search": row.query, "created_at": row.created_at} for row in folders.exclude(query="")
        ),
        "tags": Tag.objects.filter(user=user).order_by("name").values_list("name", flat=True).iterator(_CHUNK),
        "shared": (_shown(row) for row in shown.iterator(_CHUNK)),
        "likes": ({"shared": like.publication.token, "at": like.created_at} for like in likes.iterator(_CHUNK)),
    }


def of_runs(user: User) -> dict[str, Iterable[Any]]:
    """Return all that somebody ever asked for, with or without a picture at its end; read as it goes."""
    runs = Job.objects.filter(user=user, deleted_at__isnull=True).order_by("id")
    return {"runs": (_run(run) for run in runs.iterator(_CHUNK))}


def of_model(model: CustomModel) -> dict[str, Any]:
    """Return what a model of one's own was made from and is."""
    return {
        "id": model.pk,
        "name": model.name,
        "origin": model.origin,
        "subject": model.subject_class,
        "trigger_word": model.trigger_word,
        "base_model": model.base_model,
        "state": model.state,
        "sha256": model.sha256,
        "created_at": model.created_at,
        "consent": {"text": model.consent_text, "at": model.consented_at},
        "samples": [{"file": sample_name(sample), "prompt": sample.prompt} for sample in model.samples.all()],
        "pictures": [
            {"upload": picture.upload_id, "caption": picture.caption} for picture in model.pictures.order_by("position")
        ],
    }


def sample_name(sample: CustomModelSample) -> str:
    """Return what a sample of a model is called beside it."""
    return f"sample-{sample.quarter}-{sample.position}"


def _account(user: User) -> dict[str, Any]:
    return {
        "addresses": [{"email": row.email, "verified": row.verified} for row in EmailAddress.objects.filter(user=user)],
        "former_addresses": [
            {"email": row.email, "until": row.until} for row in FormerAddress.objects.filter(user=user).order_by("pk")
        ],
        "log_in_with": [
            {"provider": row.provider, "id": row.uid, "said": row.extra_data, "since": row.date_joined}
            for row in SocialAccount.objects.filter(user=user)
        ],
        "sessions": [
            {"network": row.ip, "browser": row.user_agent, "from": row.created_at, "last_seen_at": row.last_seen_at}
            for row in UserSession.objects.filter(user=user).order_by("pk")
        ],
        "notifications": [
            {"of": happening, "by": channel} for happening, channel in sorted(notifications.chosen(user))
        ],
        "invitations": [
            {"state": row.state, "joined_at": row.joined_at, "rewarded_at": row.rewarded_at}
            for row in Referral.objects.filter(referrer=user).order_by("pk")
        ],
        "support_visits": [
            {"reason": row.reason, "from": row.begun_at, "until": row.ended_at or row.ends_at}
            for row in SupportVisit.objects.filter(user=user).order_by("pk")
        ],
        "suspensions": [
            {"reason": row.reason, "from": row.suspended_at, "until": row.lifted_at}
            for row in Suspension.objects.filter(user=user).order_by("pk")
        ],
    }


def _money(user: User) -> dict[str, Any]:
    return {
        "wallets": [_wallet(wallet) for wallet in user.wallets.select_related("plan").order_by("product")],
        "plans": [
            {"plan": spell.plan_id, "from": spell.starts_at, "until": spell.ends_at}
            for spell in PlanSpell.objects.filter(wallet__user=user).order_by("starts_at")
        ],
        "subscriptions": [_subscription(row) for row in Subscription.objects.filter(user=user).order_by("started_at")],
        "top_ups": [_top_up(row) for row in AutoTopUp.objects.filter(wallet__user=user)],
        "payments": [_payment(row) for row in Payment.objects.filter(wallet__user=user).order_by("paid_at")],
    }


def _set_up(user: User) -> dict[str, Any]:
    return {
        "models_by_link": [
            {"model": row.model_id, "since": row.created_at}
            for row in CustomModelGuest.objects.filter(user=user).order_by("pk")
        ],
        "api_keys": [_key(key) for key in ApiKey.objects.filter(user=user).order_by("created_at")],
        "webhooks": [
            {"url": endpoint.url, "description": endpoint.description, "events": endpoint.events}
            for endpoint in WebhookEndpoint.objects.filter(user=user).order_by("id")
        ],
        "presets": [
            {
                "name": preset.name,
                "prompt": preset.prompt,
                "negative_prompt": preset.negative_prompt,
                "settings": preset.settings,
            }
            for preset in Preset.objects.filter(user=user).order_by("name")
        ],
        "word_lists": {row.name: row.entries for row in WordList.objects.filter(user=user).order_by("name")},
        "refusals": [_refusal(case) for case in ModerationCase.objects.visible_to(user).order_by("id")],
        "reports": [_report(report) for report in Report.objects.filter(reporter=user).order_by("id")],
    }


def _wallet(wallet: Wallet) -> dict[str, Any]:
    return {"product": wallet.product, "credits": wallet.balance, "plan": wallet.plan_id, "cycle_day": wallet.cycle_day}


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "paid_at": payment.paid_at,
        "kind": payment.kind,
        "for": payment.pack_id or payment.plan_id,
        "amount_cents": payment.amount_cents,
        "tax_cents": payment.tax_cents,
        "refunded_cents": payment.refunded_cents,
        "currency": payment.currency,
    }


def _subscription(row: Subscription) -> dict[str, Any]:
    return {
        "plan": row.plan_id,
        "interval": row.interval,
        "status": row.status,
        "started_at": row.started_at,
        "period_ends_at": row.period_ends_at,
        "ended_at": row.ended_at,
    }


def _top_up(row: AutoTopUp) -> dict[str, Any]:
    return {"pack": row.pack_id, "is_on": row.is_on, "below_credits": row.below_credits, "month_cents": row.month_cents}


def _refusal(case: ModerationCase) -> dict[str, Any]:
    return {
        "kind": case.kind,
        "category": case.category,
        "found": case.found,
        "words": case.text,
        "at": case.created_at,
        "appeal": case.appeal,
        "decision": case.decision,
        "reason": case.reason,
        "decided_at": case.decided_at,
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "reason": report.reason,
        "words": report.words,
        "at": report.created_at,
        "outcome": report.outcome,
        "answered_at": report.closed_at,
    }


def _shown(publication: Publication) -> dict[str, Any]:
    return {
        "picture": publication.image_id,
        "address": settings.SITE_URL + reverse("generation:shared_picture", args=[publication.token]),
        "in_the_showcase": publication.place is not None,
        "with_its_recipe": publication.shows_recipe,
        "likes": publication.likes_count,
        "since": publication.created_at,
        "taken_down_at": publication.taken_down_at,
    }


def _run(run: Job) -> dict[str, Any]:
    return {
        "id": run.pk,
        "at": run.created_at,
        "by": run.product,
        "ref": run.ref,
        "task": run.task,
        "model": run.model,
        "status": run.status,
        "error": run.error_message,
        "pictures": run.images_stored,
        "credits": run.credits_charged,
        "settings": run.params,
        "words": run.words,
    }


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "begins_with": key.prefix,
        "is_test": key.is_test,
        "scopes": key.scopes,
        "networks": key.allowed_networks,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }
