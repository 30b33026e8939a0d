"""Guides to what paints on a picture: inpaint, extend, another background, a cut-out."""

from django.utils.translation import gettext_noop as _

from getimg_site.feature_guides.shapes import Feature, Picture, Trouble

COST_OF_DRAWING = _(
    "That is with the model’s own steps, for each picture; more steps cost more. The price stands on the button before "
    "you press it, and what fails costs nothing."
)
TOO_LARGE = Trouble(
    _("It is refused as too large."),
    _(
        "A result has at most %(result_side_max)s pixels a side and %(result_megapixels)s million in all. Begin from a "
        "smaller picture, or add less."
    ),
)

EDITING = (
    Feature(
        slug="inpaint",
        title=_("Inpaint"),
        about=_("Paint over a part of a picture, and have that part alone drawn anew."),
        opens=_("Open Inpaint"),
        place="generation:editor",
        tool="inpaint",
        tasks=("inpaint",),
        tries={"prompt": "a green apple", "model": "starter"},
        pictures=(
            Picture("img/tools/repaint-before.webp", _("a red apple"), _("Before")),
            Picture("img/tools/repaint-after.webp", _("the same apple, repainted green"), _("After: “a green apple”")),
        ),
        steps=(
            _("Open “Edit”, choose “Inpaint” and bring a picture: “Upload a picture”, or “From your library”."),
            _(
                "Paint over what should change, with “Brush”, “Rectangle” or “Lasso”. “Eraser” takes paint away, "
                "“Invert” swaps what is painted and what is not, “Undo” takes back what you did last."
            ),
            _("Say under “Prompt” what should be there."),
            _(
                "Leave “Strength” at 1 to draw the part wholly anew; lower it to keep the shapes and colours that are "
                "there."
            ),
            _(
                "“Soft edge, pixels” says over how many pixels the new part runs into the old. Further away from your "
                "paint than that, every pixel stays as it was."
            ),
            _(
                "Press “Inpaint”. The result stands among the “Versions”: compare it by the slider below the picture, "
                "and press “Go on with this one” to change it further."
            ),
        ),
        good=(
            _("Paint generously: the whole thing and its shadow, with a little of what is around."),
            _("Describe what should be seen there, not the change: “a green apple”, not “make it green”."),
            _("Ask for several “Pictures” at once and keep the best."),
        ),
        troubles=(
            Trouble(
                _("It says that the mask is empty."),
                _("Nothing is painted, or too faintly. Lower “Softness”, and paint again."),
            ),
            Trouble(
                _("It says that the mask covers the whole picture."),
                _("Leave a part unpainted, or take “Rework”, which draws the whole picture anew."),
            ),
            Trouble(
                _("The old thing shines through."), _("Put “Strength” to 1, and see that all of the thing is painted.")
            ),
            Trouble(_("A seam shows."), _("Raise “Soft edge, pixels”, or paint a little further out.")),
        ),
        cost=COST_OF_DRAWING,
    ),
    Feature(
        slug="extend",
        title=_("Extend"),
        about=_("Draw on beyond the edges of a picture (outpainting): more sky, more room, another shape."),
        opens=_("Open Extend"),
        place="generation:editor",
        tool="outpaint",
        tasks=("outpaint",),
        tries={"prompt": "a light blue background", "model": "starter"},
        pictures=(
            Picture("img/tools/extend-before.webp", _("a sailboat"), _("Before")),
            Picture(
                "img/tools/extend-after.webp",
                _("the same sailboat, in a wider picture"),
                _("After: wider on both sides"),
                width=192,
            ),
        ),
        steps=(
            _("Open “Edit”, choose “Extend” and bring a picture."),
            _(
                "Drag the frame out over an edge of the picture, or type the “Added pixels” at “Top”, “Left”, “Right” "
                "and “Bottom”."
            ),
            _(
                "Say under “Prompt” what lies around the picture. Left empty, the words are taken that it was made "
                "from, where it was made here."
            ),
            _(
                "“Soft edge, pixels” says over how many pixels the new part blends into the picture. But for that edge "
                "the old picture stays as it is."
            ),
            _("Press “Extend”. The larger picture stands among the “Versions”."),
        ),
        good=(
            _("Describe what comes into view, not what is there already: “a light blue sky”, “more of the beach”."),
            _(
                "Go in parts: extend by a third, look, press “Go on with this one” and extend again. The model then "
                "sees what it has to go on from."
            ),
            _(
                "What the chosen model can’t do stands below its name. The small Starter carries the colours at the "
                "edges on, and can’t draw what a photograph would show there."
            ),
        ),
        troubles=(
            Trouble(
                _("A second thing appears beside the first."),
                _("Name the ground alone, without the thing that the picture is of."),
            ),
            Trouble(_("One sees where the old picture ends."), _("Raise “Soft edge, pixels”.")),
            TOO_LARGE,
        ),
        cost=COST_OF_DRAWING,
    ),
    Feature(
        slug="background",
        title=_("Replace the background, or cut out"),
        about=_("Keep the thing or person of a picture as it is, in another scene or on nothing at all."),
        opens=_("Open New background"),
        place="generation:editor",
        tool="replace-background",
        tasks=("replace-background", "remove-background"),
        tries={"prompt": "the night sky", "model": "starter"},
        pictures=(
            Picture("img/tools/background-before.webp", _("a fox on white"), _("Before")),
            Picture(
                "img/tools/background-after.webp",
                _("the same fox in front of the night sky"),
                _("New background: “the night sky”"),
            ),
            Picture("img/tools/cut-out-after.webp", _("the same fox, transparent around"), _("Cut out")),
        ),
        steps=(
            _(
                "Open “Edit”, choose “New background” for another scene or “Cut out” for a transparent one, and bring "
                "a picture."
            ),
            _(
                "Where the subject stands out from what is around it, it is found by itself. Else help with a stroke "
                "or two: choose “Subject” and draw over what should stay, “Background” and draw over what should go."
            ),
            _("For “New background”, say under “Prompt” what the new scene is."),
            _("Press “Replace the background” or “Cut out”. Where the subject is whole, its pixels stay as they were."),
            _(
                "Open the result from the library and press “Download”. Keep a cut-out as PNG or WebP: a JPEG can’t be "
                "transparent."
            ),
        ),
        good=(
            _("A sharp subject, in other colours than what is behind it, is found best."),
            _("Short strokes in the middle of things are enough; you need not follow the edge."),
            _("Clear outlines need a small “Soft edge, pixels”, hair and fur a little more."),
            _("The small Starter gives plain grounds: name a colour or a light."),
        ),
        troubles=(
            Trouble(_("A part of the subject is missing."), _("Choose “Subject” and stroke over that part.")),
            Trouble(_("Some of the background is left."), _("Choose “Background” and stroke over what should go.")),
            Trouble(
                _("A fringe of the old background shows."),
                _("Begin from a larger picture, or change “Soft edge, pixels” by a pixel or two."),
            ),
        ),
        cost=_(
            "Another background is drawn after the subject was cut out, so it costs more; cutting out alone goes by "
            "the size of the picture. The price stands on the button before you press it, and what fails costs "
            "nothing."
        ),
    ),
)
