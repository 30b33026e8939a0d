"""Show a picture to others, or no more."""

import uuid

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import moderation, showcase, shown_links
from generation.errors import InvalidParams
from generation.models import Image
from generation.views.act import back_to_picture


@require_POST
@signed_in
def share_picture(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Share by link, put into the showcase, or take back: as the button says."""
    image = get_object_or_404(Image.objects.visible_to(request.user).select_related("user"), pk=image_id)
    wish = request.POST.get("share", "")
    if wish == "end":
        showcase.withdraw(image)
        messages.success(request, _said_of_the_end())
        return back_to_picture(request, image.pk)
    try:
        shows_recipe = bool(request.POST.get("shows_recipe"))
        shown = showcase.publish(image, is_listed=wish == "showcase", shows_recipe=shows_recipe)
    except InvalidParams as error:
        messages.error(request, moderation.said(error))
    else:
        if shown.taken_down_at:
            messages.error(request, gettext("An operator took this picture down; nobody else sees it."))
        else:
            is_link = wish != "showcase"
            said = gettext("Whoever has the link sees it.") if is_link else gettext("It is in the showcase.")
            messages.success(request, said)
    return back_to_picture(request, image.pk)


def _said_of_the_end() -> str:
    if minutes := shown_links.minutes_to_stop():
        return gettext(
            "The link leads nowhere now. Who opened the picture just before can fetch its file for %(minutes)s minutes."
        ) % {"minutes": minutes}
    return gettext("The link leads nowhere now, nor does any link to the file that others got by it.")
