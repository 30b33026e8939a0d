"""What people call the tasks: one name each, the same on every page."""

from django.utils.translation import gettext, gettext_noop

VIDEO_TASK = "image-to-video"
# What is ordered for a model of one's own: a run like any other, but no picture comes of it.
TRAINING = "dreambooth"
# A picture drawn again to be compared with what it is: no picture comes of it either, and it costs nothing.
REPRODUCTION = "reproduction"

TASK_NAMES = {
    "text-to-image": gettext_noop("Text to image"),
    "image-to-image": gettext_noop("Image to image"),
    "variations": gettext_noop("Variations"),
    "inpaint": gettext_noop("Inpaint"),
    "outpaint": gettext_noop("Outpaint"),
    "blend": gettext_noop("Blend"),
    "remove-background": gettext_noop("Remove background"),
    "replace-background": gettext_noop("Replace background"),
    "upscale": gettext_noop("Upscale"),
    "instruct": gettext_noop("Edit by instruction"),
    "controlnet": gettext_noop("Guided by a picture"),
    VIDEO_TASK: gettext_noop("Image to video"),
    TRAINING: gettext_noop("Model training"),
    REPRODUCTION: gettext_noop("Verification"),
}


def name_of(task: str) -> str:
    """Return a task's name in the reader's language; a task that is not known any more is its own."""
    return gettext(TASK_NAMES[task]) if task in TASK_NAMES else task
