"""Guides to what one keeps and uses again: models of one's own, styles and lists, the library."""

from django.utils.translation import gettext_noop as _

from getimg_site.feature_guides.shapes import Feature, Picture, Trouble

KEEPING = (
    Feature(
        slug="own-model",
        title=_("Train your own model"),
        about=_(
            "Teach a model a person, a pet, a thing or a style, and call it in prompts by a word of its own "
            "(DreamBooth)."
        ),
        opens=_("Open New model"),
        place="generation:new_model",
        pictures=(
            Picture(
                "img/tools/training-before.webp",
                _("a teal monster with one eye, one of the pictures learned from"),
                _("Learned from"),
            ),
            Picture(
                "img/tools/training-after.webp",
                _("that monster, drawn by the model that learned it"),
                _("Drawn by its word"),
            ),
        ),
        steps=(
            _("Open “Models”, press “New model”, give it a “Name” and choose “What the pictures show”."),
            _(
                "Choose “Its word”: one that means nothing yet, in small letters and digits, such as “zwx” or "
                "“mytoy7”. It calls your model in prompts."
            ),
            _("Choose under “Built on” the model that learns it. Yours works with that one alone."),
            _(
                "Press “Continue to the pictures” and bring %(pictures_min)s to %(pictures_max)s. Each says what is "
                "wrong with it, if anything is, and what to do."
            ),
            _(
                "Write below a picture what else is in it, such as “on a beach”: that is then not learned as part of "
                "yours."
            ),
            _(
                "Press “Train”. How long it takes goes by what it is built on, by the machine and by who is before "
                "you: some minutes for the small Starter, longer for larger models. The page says how much is left, "
                "and shows samples after each quarter; you need not stay."
            ),
            _(
                "When it is ready press “Use it”, and write its word into the prompt. “Weight” says how strongly it "
                "shows."
            ),
        ),
        good=(
            _(
                "Ten sharp pictures of one thing, not too far away, from different angles, in different light and "
                "places."
            ),
            _("No two that are almost the same: a model learns those twice as hard."),
            _("Pictures no smaller than what the model draws; the page says so where one is."),
            _("Of people, only those who are of age and have agreed: you are asked to confirm it."),
        ),
        troubles=(
            Trouble(
                _("The word is refused."),
                _("It is a common one, or calls another model of yours. Add a digit, as in “bruno7”."),
            ),
            Trouble(
                _("The pictures’ background shows, too."),
                _("Write below each picture what else is in it, and bring some with other grounds."),
            ),
            Trouble(
                _("It hardly looks like mine."),
                _("See that its word is in the prompt, raise “Weight”, and bring pictures from more angles next time."),
            ),
            Trouble(_("Everything looks like the pictures I brought."), _("Lower “Weight”.")),
            Trouble(
                _("The training fails, or I want it to stop."),
                _("All credits come back by themselves. To stop it, press “Cancel, all credits come back”."),
            ),
        ),
        cost=_(
            "A training costs %(training_credits)s credits: held at the start, charged at success. All of it comes "
            "back on failure or cancel. A picture that is drawn with your model costs what it costs without; how many "
            "models are kept goes by your plan."
        ),
    ),
    Feature(
        slug="styles",
        title=_("Styles, presets and lists of words"),
        about=_("Use words and settings again: take a style, keep a preset, let each picture choose another word."),
        opens=_("Open Styles and lists"),
        place="generation:styles",
        pictures=(
            Picture("img/tools/list-0.webp", _("a purple umbrella"), _("Seed 4: purple")),
            Picture("img/tools/list-1.webp", _("a brown umbrella"), _("Seed 5: brown")),
            Picture("img/tools/list-2.webp", _("a yellow umbrella"), _("Seed 9: yellow")),
            Picture("img/tools/list-3.webp", _("a red umbrella"), _("Seed 10: red")),
        ),
        steps=(
            _(
                "Press “Styles” below the prompt and choose one. Its words are written into your prompt, where you can "
                "change them; “Take it off” takes them out again."
            ),
            _(
                "To keep what you have set up, open “Styles”, write a name under “Save as preset” and press “Save”. "
                "The tick below keeps the settings with the words."
            ),
            _(
                "To change a preset, follow “Styles and lists” at the end of that menu. In its text {prompt} stands "
                "for what is in the prompt box."
            ),
            _(
                "Alternatives in braces, such as {red|green|blue}, let each picture take one of them by its seed; "
                "__colour__ lets it take one of a list. The pictures above are “a __colour__ umbrella”."
            ),
            _(
                "For a list of your own follow “Styles and lists”, press “New list” and write its “Entries, one a "
                "line”. A list named hats stands in a prompt as __hats__."
            ),
        ),
        good=(
            _(
                "Ask for several “Pictures” at once: each takes words of its own. The same seed takes the same ones "
                "again."
            ),
            _("Press a name under “Lists for everybody” to copy it. Entries may hold alternatives and other lists."),
            _(
                "In models that take weights, (red:1.3) is stronger and (red:0.7) weaker; the model’s settings say "
                "whether it does."
            ),
        ),
        troubles=(
            Trouble(
                _("A style changes nothing."),
                _("Many are words for larger models; the menu says which of them the chosen one does not follow."),
            ),
            Trouble(
                _("It says that there is no such list."),
                _("Look at its name under “Styles and lists”. To write the signs themselves, put a \\ before them."),
            ),
            Trouble(
                _("I can’t see which word a picture took."),
                _(
                    "Its page has under “Prompt” the words that it was drawn from, and under “Chosen from a template” "
                    "what you wrote."
                ),
            ),
        ),
        cost=_(
            "Nothing: a picture costs what it costs without them. You can keep %(presets_max)s presets and "
            "%(lists_max)s lists."
        ),
    ),
    Feature(
        slug="library",
        title=_("Library"),
        about=_("Find, sort, share and download what you made, and prove what it may be used for."),
        opens=_("Open the library"),
        place="generation:library",
        pictures=(
            Picture("img/samples/a-fox.webp", _("a fox"), ""),
            Picture("img/samples/a-castle.webp", _("a castle"), ""),
            Picture("img/samples/a-sunflower.webp", _("a sunflower"), ""),
            Picture("img/samples/a-panda.webp", _("a panda"), ""),
        ),
        steps=(
            _(
                "Open “Library” and type into “Search your prompts”: words, “words in quotation marks”, -without, this "
                "OR that. “Filters” looks for models, shapes, days, stars, tags and more."
            ),
            _(
                "Press “Save this search” to find the same again, new pictures too; it then stands under “Saved "
                "searches”."
            ),
            _(
                "Press “New folder”, and drag pictures onto it, or select some and press “Move”. Stars, tags and the "
                "heart sort them further."
            ),
            _(
                "Open a picture to see all that it was made with, and to go on from it: “Use everything”, “Edit”, "
                "“Vary”, “Enlarge”, “Make a video”."
            ),
            _(
                "To show one, press “Share by link”: whoever has the link sees it. The tick “Others see the prompt and "
                "may go on from it” says whether the words go with it. “Make private” ends it."
            ),
            _(
                "Press “Download” for the original; beside it stand other files, with the recipe in them or clean. "
                "Several selected ones come as a zip."
            ),
            _(
                "Under “Licence” stands what the picture may be used for. Its “Certificate” is there as a PDF and as a "
                "signed file, and anybody can check it at “Check a licence”."
            ),
        ),
        good=(
            _("Use tags for what no prompt says: a client, a series, where it was printed."),
            _(
                "For commercial use, make pictures on a paid plan: what counts is the plan on the day a picture is "
                "made, and that stays so when the plan ends."
            ),
            _("Press ? for the keys: arrows walk from picture to picture, f gives the heart, 1 to 5 give stars."),
        ),
        troubles=(
            Trouble(
                _("A picture is gone."),
                _("Look into the “Trash”: what was deleted can be brought back for %(undo_days)s days."),
            ),
            Trouble(
                _("Its licence says personal use."),
                _(
                    "It was made on the free plan, from such a picture, or by a model whose licence allows no more. "
                    "Its page says which, and what to do."
                ),
            ),
            Trouble(
                _("“Check a licence” does not know a file."),
                _(
                    "A copy that was cropped, resized or saved anew is another file. Show the original, or its "
                    "certificate."
                ),
            ),
        ),
        cost=_(
            "Nothing: keeping, sharing and certificates cost no credits. How long pictures are kept goes by your plan; "
            "each says until when."
        ),
    ),
)
