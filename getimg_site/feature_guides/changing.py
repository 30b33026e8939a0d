"""Guides to what makes another picture, or a video, of pictures: rework, vary, blend, enlarge, video."""

from django.utils.translation import gettext_noop as _

from getimg_site.feature_guides.editing import COST_OF_DRAWING, TOO_LARGE
from getimg_site.feature_guides.shapes import Feature, Picture, Trouble

CHANGING = (
    Feature(
        slug="begin-from-a-picture",
        title=_("Begin from a picture"),
        about=_("Draw a picture anew with other words, close to it or far (image to image), or get others like it."),
        opens=_("Open Rework"),
        place="generation:editor",
        tool="image-to-image",
        tasks=("image-to-image", "variations"),
        tries={"prompt": "a castle in the snow", "model": "starter", "strength": "0.65"},
        pictures=(
            Picture("img/tools/rework-before.webp", _("a castle on grass"), _("Before")),
            Picture(
                "img/tools/rework-after.webp", _("the same castle in the snow"), _("After: “a castle in the snow”")
            ),
        ),
        steps=(
            _("Open “Edit” and bring a picture, or press “Edit” on the page of one of yours."),
            _("Choose “Rework” and say under “Prompt” what the picture should become."),
            _("Set “Strength”: low keeps close to what is there, 1 draws it wholly anew."),
            _(
                "Press “Rework”. Compare the “Versions” by the slider below the picture, and press “Go on with this "
                "one” to begin from the result."
            ),
            _(
                "For others of the same kind choose “Vary” instead: “Subtle” stays near, “Strong” goes further. It "
                "needs no words."
            ),
        ),
        good=(
            _("Between 0.5 and 0.75 the composition stays and the thing can change."),
            _("Say the whole picture as it should be, not only what changes."),
            _(
                "Keep the “Seed” under “Advanced” and change “Strength” alone, so that you see what it does: our guide "
                "to strength shows it."
            ),
        ),
        troubles=(
            Trouble(_("Hardly anything changes."), _("Raise “Strength” in small steps.")),
            Trouble(_("Nothing of my picture is left."), _("Lower “Strength”, and name what should stay.")),
            Trouble(
                _("A photograph becomes a drawing."),
                _("The small Starter draws everything rounded. Choose a larger “Model”, where one is installed."),
            ),
            Trouble(
                _("The result is smaller, or cut at its sides."),
                _("The model draws in sizes of its own. “Enlarge” the result afterwards."),
            ),
        ),
        cost=COST_OF_DRAWING,
    ),
    Feature(
        slug="blend",
        title=_("Blend"),
        about=_("Make one picture of several, each with as large a share as you like."),
        opens=_("Open Blend"),
        place="generation:editor",
        tool="blend",
        tasks=("blend",),
        pictures=(
            Picture("img/tools/blend-before.webp", _("a red apple"), _("First")),
            Picture("img/tools/blend-with.webp", _("an orange"), _("Second")),
            Picture("img/tools/blend-after.webp", _("a fruit between the two"), _("Half of each: “a peach”")),
        ),
        steps=(
            _("Open “Edit”, choose “Blend” and bring the first picture."),
            _("Press “Add a picture” for each of the others: %(blend_min)s to %(blend_max)s become one."),
            _("Move the slider beside each picture; its share stands there in per cent."),
            _(
                "Say under “Prompt” what it should become, if you wish. Left empty, the words are taken that the "
                "pictures were made from, where they were made here."
            ),
            _(
                "Low “Strength” keeps close to the mixture, high lets the model draw on from it more freely. Then "
                "press “Blend”."
            ),
        ),
        good=(
            _("Pictures alike in kind and composition blend best: two faces, two fruits, two landscapes."),
            _("Name what it should become: “a peach” from an apple and an orange."),
            _(
                "Below “Add a picture” stands how the chosen model blends: by what the pictures are of, or by their "
                "shapes and colours alone."
            ),
        ),
        troubles=(
            Trouble(_("It looks like a double exposure."), _("Raise “Strength”, and say in words what it is.")),
            Trouble(_("One picture outweighs the others."), _("Lower its share.")),
            Trouble(
                _("It says that the same picture is there twice."),
                _("Blended with itself a picture stays as it is. Choose another."),
            ),
        ),
        cost=COST_OF_DRAWING,
    ),
    Feature(
        slug="enlarge",
        title=_("Enlarge"),
        about=_("Get the same picture with more pixels, for print or a large screen."),
        opens=_("Open Enlarge"),
        place="generation:editor",
        tool="upscale",
        tasks=("upscale",),
        pictures=(
            Picture("img/tools/enlarge-before.webp", _("a part of a drawn fox, in large squares"), _("A part, before")),
            Picture("img/tools/enlarge-after.webp", _("the same part with smooth edges"), _("The same part, × 4")),
        ),
        steps=(
            _("Press “Enlarge” on the page of one of your pictures, or open “Edit”, choose “Enlarge” and bring one."),
            _("Choose under “Size” how many times as wide and as high it should become."),
            _("Choose under “Model” who enlarges it; what each does stands below its name."),
            _("Press “Enlarge”. Compare before and after by the slider below the picture."),
        ),
        good=(
            _(
                "Enlarge last: “Rework” and “Vary” draw in the model’s own sizes, and what was large before would be "
                "small again."
            ),
            _("Begin from the file as it was made, not from a copy that another program saved as JPEG."),
        ),
        troubles=(
            Trouble(
                _("It is larger but no sharper."),
                _(
                    "Lanczos is a formula and adds no detail. Choose another “Model”; the one that ships with the "
                    "studio keeps the edges of drawings crisp."
                ),
            ),
            TOO_LARGE,
        ),
        cost=_(
            "The price goes by the pixels of the result, at least one credit: a large picture costs more, and × 4 up "
            "to four times as much as × 2. It stands on the button before you press it, and what fails costs nothing."
        ),
    ),
    Feature(
        slug="video",
        title=_("Video"),
        about=_("Turn a picture into a few seconds of motion, towards a second one if you like."),
        opens=_("Open Video"),
        place="generation:video",
        tasks=("image-to-video",),
        pictures=(
            Picture("img/tools/video-before.webp", _("a smiling face"), _("First frame")),
            Picture(
                "img/tools/video-after.webp", _("the last frame of a video: the face winks"), _("Last frame: it winks")
            ),
        ),
        steps=(
            _("Open “Video” and press “Choose a picture”, or press “Make a video” on the page of one of yours."),
            _("Should it end at another picture, choose that under “Ends with”."),
            _(
                "Say under “What happens” what moves. Left empty, the words are taken that the picture was made from, "
                "where it was made here."
            ),
            _("Set “Motion” (0 hardly moves, 1 moves most) and “Length, seconds”."),
            _("Press “Make a video”. On its page it can be downloaded as MP4, WebP or GIF."),
        ),
        good=(
            _("Begin with little “Motion”, and raise it while the thing keeps its shape."),
            _(
                "An end picture that was made of the first, with “Inpaint” or “Vary”, gives the calmest way between "
                "them."
            ),
            _("Without an end picture the Starter comes back to the first one, so that the video plays in a loop."),
        ),
        troubles=(
            Trouble(_("It jumps, or the thing falls apart."), _("Lower “Motion”.")),
            Trouble(
                _("It says that the model takes no words, or can’t end at a picture."),
                _("Leave them out, or choose another “Model” under “Advanced”."),
            ),
            Trouble(
                _("It is refused as too long."),
                _("Each model draws so many frames at most. Shorten it, or lower “Frames a second” under “Advanced”."),
            ),
        ),
        cost=_(
            "Up to the model’s own number of frames (seconds × frames a second) a video costs the same; beyond that, "
            "as many times as much as it has more. The price stands on the button before you press it, and what fails "
            "costs nothing."
        ),
    ),
)
