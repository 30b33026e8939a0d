"""What search engines are told of shown pictures and who made them, in the words of schema.org; and where a page lies.

What belongs here: things as JSON-LD has them, which the pages print. What does not: the site's own pages
(`getimg_site.structured_data`). Nothing is said that the page itself keeps back.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from accounts.models import User
from generation import share_cards
from generation.models import Publication

Thing = dict[str, Any]
# schema.org's name for what IPTC calls trainedAlgorithmicMedia.
_MADE_BY_A_MODEL = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"


def address(path: str) -> str:
    """Return the whole address of a page of the site."""
    return f"{settings.SITE_URL}{path}"


def site() -> Thing:
    """Return who runs the site."""
    logo = address(static("img/mark.svg"))
    return {"@type": "Organization", "name": settings.SITE_NAME, "url": address("/"), "logo": logo}


def breadcrumbs(*steps: tuple[str, str]) -> Thing:
    """Return where a page lies: name and path of each page on the way there, itself the last."""
    found = [
        {"@type": "ListItem", "position": place, "name": name, "item": address(path)}
        for place, (name, path) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": found}


def of_shown(shown: Publication, description: str) -> list[Thing]:
    """Return what is told of a picture of the showcase; of one that a link alone leads to, nothing."""
    if not shown.is_listed:
        return []
    page, author_page = _page_of(shown), _page_of_author(shown.user)
    steps = ((gettext("Showcase"), reverse("generation:showcase")), (shown.user.public_name, author_page))
    return [_picture(shown, description), breadcrumbs(*steps, (description[:110], page))]


def of_author(author: User, pictures: Sequence[Publication]) -> list[Thing]:
    """Return what is told of an author's page."""
    page = _page_of_author(author)
    profile = {
        "@type": "ProfilePage",
        "url": address(page),
        "mainEntity": _person(author),
        "hasPart": [{"@type": "CreativeWork", "url": address(_page_of(shown))} for shown in pictures],
    }
    steps = ((gettext("Showcase"), reverse("generation:showcase")), (author.public_name, page))
    return [profile, breadcrumbs(*steps)]


def _picture(shown: Publication, description: str) -> Thing:
    """Return a picture with its licence. Its file is the preview: that one's address stays, the original's does not."""
    card = address(reverse("generation:share_card", args=[shown.token]))
    verify = f"{reverse('generation:verify')}?{urlencode({'picture': str(shown.image_id)})}"
    told = {
        "name": description[:110],
        "description": description,
        "url": address(_page_of(shown)),
        "thumbnailUrl": card,
        "license": address(reverse("licence")),
        "acquireLicensePage": address(verify),
        "creditText": shown.user.public_name,
        "creator": _person(shown.user),
        "copyrightNotice": shown.user.public_name,
        "digitalSourceType": _MADE_BY_A_MODEL,
        "datePublished": shown.created_at.isoformat(),
    }
    if shown.image.video:
        return {"@type": "VideoObject", "uploadDate": shown.created_at.isoformat(), **told}
    width, height = share_cards.SIZE
    return {"@type": "ImageObject", "contentUrl": card, "width": width, "height": height, **told}


def _person(author: User) -> Thing:
    return {"@type": "Person", "name": author.public_name, "url": address(_page_of_author(author))}


def _page_of(shown: Publication) -> str:
    return reverse("generation:shared_picture", args=[shown.token])


def _page_of_author(author: User) -> str:
    return reverse("generation:showcase_author", args=[author.pk])
