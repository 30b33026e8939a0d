"""Every code that a refusal of the API's can carry: when it comes, and what to do. The errors page lists them."""

from dataclasses import dataclass

from generation.api.image_generations import PATIENCE_SECONDS


@dataclass(frozen=True)
class ErrorCode:
    """One code; `status` is 0 for one that stands in a diffusion's own `error`."""

    code: str
    status: int
    when: str
    what_to_do: str


def _sent(code: str, status: int, when: str, what_to_do: str) -> ErrorCode:
    return ErrorCode(code, status, when, what_to_do)


REQUEST = (
    _sent("invalid_json", 400, "The body is not a JSON object.", "Send {…}; check quotes and commas."),
    _sent("invalid_form", 400, "The form with the file can't be read.", "Send multipart/form-data as libraries do."),
    _sent("unknown_field", 400, "A field that there is not; the message names the nearest.", "Mend or drop the field."),
    _sent("missing_field", 400, "A field is missing.", "Send the field that param names."),
    _sent("invalid_value", 400, "A value is of another type or out of bounds.", "See the message: it has the bound."),
    _sent("content_policy", 400, "The words are not allowed; the message names them.", "Change them, or appeal."),
    _sent("invalid_header", 400, "A header's value makes no sense.", "See the page about that header."),
    _sent("image_not_fetched", 400, "No picture could be had from its address.", "See the message; or send the file."),
    _sent("not_a_picture", 400, "What was sent is not a PNG, JPEG or WebP.", "Save it as one of these."),
    _sent("invalid_base64", 400, "The picture sent is not valid base64.", "Encode it again, or send the file."),
    _sent("damaged", 400, "The picture's file is damaged or not whole.", "Save it anew."),
    _sent("animated", 400, "The picture moves.", "Send one of its frames."),
    _sent("file_too_large", 400, "The picture's file is too large.", "See the message: it has the bound."),
    _sent("too_many_pixels", 400, "The picture has too many pixels.", "Make it smaller."),
    _sent(
        "quota_reached",
        400,
        "The account's files take all the room they may.",
        "Delete some: GET /v1/files lists them.",
    ),
    _sent("unknown_model", 400, "No model has this name; the message names the nearest.", "See GET /v1/models."),
    _sent("model_unavailable", 400, "The model is not installed here, or not open to this key.", "See GET /v1/models."),
    _sent(
        "model_not_ready", 400, "A model of your own is not trained, or was deleted.", "Wait for it, or name another."
    ),
    _sent("wrong_base_model", 400, "A model of your own was made for another model.", "Send that one as model."),
    _sent("missing_api_key", 401, "There is no key.", "Send Authorization: Bearer and your key."),
    _sent("invalid_authorization_header", 401, "The header is not Bearer and a key.", "Mend the header."),
    _sent("invalid_api_key", 401, "The key is not one of ours.", "Copy it again, or make another."),
    _sent("api_key_revoked", 401, "The key was revoked.", "Make another."),
    _sent("api_key_expired", 401, "The key's time is over.", "Make another."),
    _sent("api_key_replaced", 401, "The key was rotated, and its overlap is over.", "Use the new one."),
    _sent("insufficient_credits", 402, "The account has too few API credits.", "Buy a pack; nothing was charged."),
    _sent("spend_cap_reached", 402, "The key's cap of the day or the month is reached.", "Raise it, or wait."),
    _sent("https_required", 403, "The request came over http.", "Call https, and replace the key: it was readable."),
    _sent("missing_scope", 403, "The key lacks the scope for this.", "Give it the scope in Settings."),
    _sent("network_not_allowed", 403, "The key does not work from this address.", "Change its networks in Settings."),
    _sent("permission_denied", 403, "This is not allowed.", "See the message."),
    _sent("not_found", 404, "There is nothing with this id for your account.", "Check the id."),
    _sent("picture_gone", 404, "A picture to begin from is not there, or not yours.", "Check its id, or send it."),
    _sent("model_not_yours", 404, "No model of your own has this id, nor is it shared with you.", "Check its id."),
    _sent("method_not_allowed", 405, "The address does not do this.", "See the reference."),
    _sent("unknown_quote", 409, "There is no such quote of yours.", "Ask for a quote again."),
    _sent("quote_expired", 409, "The quote is older than ten minutes.", "Ask for a quote again."),
    _sent("quote_mismatch", 409, "The quote was for other settings.", "Send the settings that were quoted."),
    _sent("already_ended", 409, "It is over; there is nothing left to cancel.", "Look at it."),
    _sent("idempotency_key_reused", 409, "The key was used for another request.", "Use another key."),
    _sent("idempotency_key_deleted", 409, "What the key made was deleted.", "Use another key."),
    _sent("too_many_webhooks", 409, "The account has as many webhooks as it may.", "Delete one."),
    _sent("webhook_disabled", 409, "The webhook is off, so no test is sent.", "Turn it on."),
    _sent("length_required", 411, "The request does not say how long its body is.", "Send Content-Length."),
    _sent("body_too_large", 413, "The JSON body or the file is too large.", "See the message; or use /v1/files."),
    _sent("throttled", 429, "Too many requests.", "Wait for as many seconds as Retry-After says."),
    _sent("queue_full", 429, "Too many of yours wait already.", "Send more when some have started."),
    _sent("too_many_waiting", 429, "Too many requests wait for pictures.", "Send it again, or use /v1/diffusions."),
    _sent(
        "test_allowance_used_up", 429, "Today's pictures of all your test keys are used up.", "Use a live key, or wait."
    ),
    _sent(
        "too_many_streams",
        429,
        "Too many event streams of yours are open; 503: of everybody's.",
        "Close some, or wait.",
    ),
    _sent("internal_error", 500, "Something went wrong on our side; nothing was charged.", "Send it again."),
    _sent("events_unavailable", 501, "Event streams do not run on this installation.", "Poll, or use a webhook."),
    _sent("switched_off", 503, "The operator has turned this off for now; the message says why.", "Wait, then retry."),
    _sent("database_away", 503, "The database does not answer.", "Send it again, under the same Idempotency-Key."),
    _sent("too_many_fetches", 503, "Too many pictures are being fetched.", "Wait for Retry-After, or send the file."),
)

# /v1/images/generations waits for the pictures, so it refuses with a run's own codes as well.
WAITED = (
    _sent("failed", 422, "No picture came of it; any code of the next table may stand here.", "See the code's line."),
    _sent("timeout", 504, f"It took over {PATIENCE_SECONDS} seconds and was canceled.", "Use /v1/diffusions."),
)

DIFFUSION = (
    _sent("incomplete", 0, "Some pictures did not arrive; they are not charged.", "Ask for those again."),
    _sent("out_of_memory", 0, "The picture was too large for the computer that drew it.", "Choose a smaller size."),
    _sent("timeout", 0, "It took too long.", "Choose fewer steps or a smaller size."),
    _sent("model_missing", 0, "The model was taken away meanwhile.", "Choose another."),
    _sent("lora_gone", 0, "A model of your own that it uses was deleted meanwhile.", "Send it again with another."),
    _sent("source_gone", 0, "A picture that it begins from was deleted meanwhile.", "Send it again with another."),
    _sent("base_changed", 0, "In warnings: your model was made for other weights of its base.", "Train it anew."),
    _sent("model_damaged", 0, "The model's files are damaged.", "Choose another; we are told."),
    _sent("invalid", 0, "The model could not draw with these settings.", "Change size, steps or scheduler."),
    _sent("crashed", 0, "The drawing stopped unexpectedly, several times.", "Send it again."),
    _sent("disk_full", 0, "The server had no room for the picture.", "Send it again later."),
    _sent("storage_failed", 0, "The pictures could not be stored.", "Send it again later."),
    _sent("canceled", 0, "It was canceled before a picture was there (/v1/images/generations).", "Send it again."),
    _sent("failed", 0, "No picture could be made (/v1/images/generations).", "Send it again."),
    _sent("worker_lost", 0, "The computer that drew it stopped several times.", "Send it again."),
    _sent(
        "blocked", 0, "Pictures were held back by the content policy; they are not charged.", "Change it, or appeal."
    ),
    _sent("internal", 0, "Something went wrong while drawing.", "Send it again."),
)
