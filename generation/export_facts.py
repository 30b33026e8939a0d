"""What an export says in words: about the person, each picture's recipe, each model of their own. Plain facts for JSON.

Nothing here opens anything: keys are named by their beginning, webhooks without their secret.
"""

from typing import Any

from accounts.models import ApiKey, User
from billing.models import Payment, Wallet
from generation.models import CustomModel, Image, ModerationCase, Preset, Report, WebhookEndpoint, WordList


def of_person(user: User) -> dict[str, Any]:
    """Return the profile, the wallets and payments, and what somebody set up."""
    return {
        "profile": {
            "id": user.pk,
            "email": user.email,
            "name": user.display_name,
            "time_zone": user.time_zone,
            "joined_at": user.date_joined,
            "last_log_in_at": user.last_login,
            "invite_code": user.referral_code,
        },
        "wallets": [_wallet(wallet) for wallet in user.wallets.select_related("plan").order_by("product")],
        "payments": [_payment(row) for row in Payment.objects.filter(wallet__user=user).order_by("paid_at")],
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


def of_picture(image: Image) -> dict[str, Any]:
    """Return all that makes this picture again, and what it is. Reads its run and its video."""
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
    }


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
        "pictures": [
            {"upload": picture.upload_id, "caption": picture.caption} for picture in model.pictures.order_by("position")
        ],
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
