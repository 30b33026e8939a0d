"""The form of a webhook endpoint: what was typed, and what to mend."""

from dataclasses import dataclass, field, replace

from django.http import QueryDict
from django.utils.translation import gettext, gettext_noop

from generation.errors import InvalidParams
from generation.models import Event, WebhookEndpoint
from generation.models.webhook import FILTERABLE

_HINTS = {
    Event.FINISHED: gettext_noop("Pictures are ready; some may be missing, and the message says why."),
    Event.FAILED: gettext_noop("No picture could be made, and nothing was charged."),
    Event.CANCELED: gettext_noop("You, or a limit of your own, ended it."),
}


@dataclass(frozen=True)
class EventBox:
    """One event that can be ticked."""

    name: str
    label: str
    hint: str
    is_ticked: bool


@dataclass(frozen=True)
class WebhookForm:
    """What stands in the form's fields, and their errors by field."""

    url: str = ""
    description: str = ""
    events: tuple[str, ...] = tuple(event.value for event in FILTERABLE)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def boxes(self) -> list[EventBox]:
        """The events, each with its box."""
        return [
            EventBox(event.value, str(event.label), gettext(_HINTS[event]), event in self.events)
            for event in FILTERABLE
        ]

    def refused(self, error: InvalidParams) -> "WebhookForm":
        """Return the form with what to mend."""
        return replace(self, errors={one.field: one.message for one in error.errors})


def form_of(endpoint: WebhookEndpoint) -> WebhookForm:
    """Return the form filled in with an endpoint."""
    return WebhookForm(endpoint.url, endpoint.description, tuple(endpoint.events))


def typed(post: QueryDict) -> WebhookForm:
    """Return the form as it was sent."""
    description = " ".join(post.get("description", "").split())
    return WebhookForm(post.get("url", "").strip(), description, tuple(post.getlist("events")))
