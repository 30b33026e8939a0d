"""Take fields out of a form, a JSON body or a command line, and collect what is wrong with them.

What belongs here: text, numbers, names, each with its bound in words. What does not: which task needs which field.
Nothing is repaired silently.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext

from accounts.models import User
from generation import catalog
from generation.catalog import CatalogModel, Served
from generation.errors import FieldError, ModelUnavailable, ModelUnknown
from generation.params import loras
from generation.params.loras import LorasRefused, LoraUse
from generation.task_names import name_of

PROMPT_MAX_LENGTH = 1000
NUM_IMAGES_MAX = 10
STEPS_MIN = 1
GUIDANCE_MIN, GUIDANCE_MAX = 0.0, 20.0
SEED_MAX = 2**32 - 1

SCHEDULER_NAMES = {
    "ddim": "DDIM",
    "dpmpp-2m": "DPM++ 2M",
    "dpmpp-2m-karras": "DPM++ 2M Karras",
    "euler": "Euler",
    "euler-a": "Euler ancestral",
    "unipc": "UniPC",
    "lcm": "LCM",
    "flow-euler": "Flow Euler",
}


class Reader:
    """Takes fields out of a mapping and collects what is wrong with them."""

    def __init__(self, values: Mapping[str, Any], user: User | None = None) -> None:
        self.values = values
        self.user = user
        self.errors: list[FieldError] = []

    def refuse(self, field: str, message: str, code: str = FieldError.code) -> None:
        self.errors.append(FieldError(field, message, code))

    def raw(self, field: str) -> Any:
        value = self.values.get(field)
        return value.strip() if isinstance(value, str) else value

    def model(self, task: str) -> Served | None:
        """Return who does the task; None, with a refusal, where nobody of that name does."""
        slug = self.raw("model") or catalog.default_for(task)
        own = loras.as_id(slug)
        try:
            if own is not None and self.user is not None:
                slug = loras.base_of(own, self.user)
            served = catalog.resolve(str(slug))
        except (ModelUnknown, ModelUnavailable, LorasRefused) as error:
            self.refuse("model", str(error), error.code)
            return None
        if not catalog.can(served.model, task):
            able = [one.slug for one in catalog.offered(task) if one.model.is_available]
            hint = (
                gettext("Choose %(models)s.") % {"models": either(able)}
                if able
                else gettext("No model that does is installed here.")
            )
            self.refuse(
                "model",
                gettext("%(name)s can't do this: %(lower)s. %(hint)s")
                % {"name": served.model.name, "lower": name_of(task).lower(), "hint": hint},
            )
            return None
        return served

    def drawing(self, model: CatalogModel) -> dict[str, Any]:
        """Return how the model draws: what every task has that draws from words, by the names of its fields."""
        return {
            "num_images": self.integer("num_images", gettext("pictures"), 1, 1, NUM_IMAGES_MAX),
            "num_inference_steps": self.integer(
                "steps", gettext("steps"), model.default_steps, STEPS_MIN, model.max_steps
            ),
            "guidance_scale": self.decimal(
                "guidance_scale", gettext("guidance"), model.default_guidance, GUIDANCE_MIN, GUIDANCE_MAX
            ),
            "scheduler": self.scheduler(model),
            "seed": self.seed(),
            "loras": self.loras(model),
        }

    def loras(self, model: CatalogModel) -> tuple[LoraUse, ...]:
        """Return the person's own models that change this one."""
        try:
            return loras.read(self.raw("loras"), self.user, model, loras.as_id(self.raw("model")))
        except LorasRefused as error:
            self.refuse("loras", str(error), error.code)
            return ()

    def text(self, field: str, label: str, *, required: bool, missing: str = "") -> str:
        """Return words; `missing` is what to say where there are none, if not what a prompt is asked for with."""
        value = self.raw(field)
        if value is None or value == "":
            if required:
                self.refuse(field, missing or gettext("Describe what you want to see."), "missing_field")
            return ""
        if not isinstance(value, str):
            self.refuse(field, gettext("%(capitalize)s must be text.") % {"capitalize": label.capitalize()})
            return ""
        if len(value) > PROMPT_MAX_LENGTH:
            self.refuse(
                field,
                gettext("%(capitalize)s has %(count)s characters; %(most)s is the most.")
                % {"capitalize": label.capitalize(), "count": len(value), "most": PROMPT_MAX_LENGTH},
            )
        if "\x00" in value:
            self.refuse(
                field,
                gettext("%(capitalize)s holds a null character, which can't be drawn or stored.")
                % {"capitalize": label.capitalize()},
            )
        return value

    def negative_prompt(self, model: CatalogModel) -> str:
        text = self.text("negative_prompt", gettext("the negative prompt"), required=False)
        if text and not model.negative_prompt:
            self.refuse(
                "negative_prompt", gettext("%(name)s takes no negative prompt; leave it empty.") % {"name": model.name}
            )
        return text

    def integer(self, field: str, label: str, default: int, low: int, high: int) -> int:
        value = self.raw(field)
        if value is None or value == "":
            return default
        number = whole(value)
        if number is None:
            self.refuse(
                field,
                gettext("“%(shown)s” is not a whole number; %(label)s go from %(low)s to %(high)s.")
                % {"shown": shown(value), "label": label, "low": low, "high": high},
            )
            return default
        if not low <= number <= high:
            self.refuse(
                field,
                gettext("%(shown)s is outside the bounds: %(label)s go from %(low)s to %(high)s.")
                % {"shown": shown(number), "label": label, "low": low, "high": high},
            )
            return default
        return number

    def one_of(self, field: str, label: str, default: str, allowed: tuple[str, ...]) -> str:
        """Return one of the names that are allowed."""
        value = self.raw(field)
        if value is None or value == "":
            return default
        if str(value) not in allowed:
            self.refuse(
                field,
                gettext("“%(shown)s” is not a valid %(label)s; choose %(join)s.")
                % {"shown": shown(value), "label": label, "join": either(allowed)},
            )
            return default
        return str(value)

    def flag(self, field: str) -> bool:
        """Return whether a box is ticked; forms send `on` or `true`."""
        value = self.raw(field)
        if value in (None, "", False, "false", "0", "off"):
            return False
        if value not in (True, "true", "1", "on"):
            self.refuse(field, gettext("“%(shown)s” is neither true nor false.") % {"shown": shown(value)})
        return True

    def listed(self, field: str) -> list[Any]:
        """Return the items of a list; forms divide them by commas."""
        value = self.raw(field)
        if value is None or value == "":
            return []
        if isinstance(value, str):
            return [part.strip() for part in value.split(",")]
        if isinstance(value, (list, tuple)):
            return list(value)
        self.refuse(field, gettext("“%(shown)s” is not a list.") % {"shown": shown(value)})
        return []

    def decimal(self, field: str, label: str, default: float, low: float, high: float) -> float:
        value = self.raw(field)
        if value is None or value == "":
            return default
        try:
            number = float(value) if not isinstance(value, bool) else float("nan")
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if not low <= number <= high:
            self.refuse(
                field,
                gettext("“%(shown)s” is outside the bounds: %(label)s goes from %(low)s to %(high)s.")
                % {"shown": shown(value), "label": label, "low": f"{low:g}", "high": f"{high:g}"},
            )
            return default
        return round(number, 2)

    def seed(self) -> int | None:
        value = self.raw("seed")
        if value is None or value == "":
            return None
        number = whole(value)
        if number is None or not 0 <= number <= SEED_MAX:
            self.refuse(
                "seed",
                gettext("“%(shown)s” is not a valid seed; seeds are whole numbers from 0 to %(seed_max)s.")
                % {"shown": shown(value), "seed_max": SEED_MAX},
            )
            return None
        return number

    def scheduler(self, model: CatalogModel) -> str:
        value = self.raw("scheduler")
        if value is None or value == "":
            return model.schedulers[0] if model.schedulers else ""
        if not model.schedulers:
            self.refuse("scheduler", gettext("%(name)s takes no scheduler; leave it empty.") % {"name": model.name})
            return ""
        if value not in model.schedulers:
            names = ", ".join(model.schedulers)
            self.refuse(
                "scheduler",
                gettext("%(name)s has no scheduler “%(shown)s”; choose one of %(names)s.")
                % {"name": model.name, "shown": shown(value), "names": names},
            )
            return model.schedulers[0]
        return str(value)

    def size(self, model: CatalogModel) -> tuple[int, int]:
        default = (model.default_size.width, model.default_size.height)
        size = self.raw("size")
        if size:
            width_text, _, height_text = str(size).partition("x")
            sides = whole(width_text), whole(height_text)
            if None in sides:
                self.refuse(
                    "size",
                    gettext("“%(shown)s” is not a valid size; write it like %(value)s.")
                    % {"shown": shown(size), "value": model.default_size.value},
                )
                return default
            named = (("size", sides[0]), ("size", sides[1]))
        else:
            named = (
                ("width", whole(self.raw("width") or default[0])),
                ("height", whole(self.raw("height") or default[1])),
            )
        for (field, side), axis in zip(named, (gettext("width"), gettext("height")), strict=True):
            self._check_side(model, field, axis, side)
        width, height = named[0][1], named[1][1]
        return (width, height) if width and height else default

    def _check_side(self, model: CatalogModel, field: str, axis: str, side: int | None) -> None:
        if side is None:
            self.refuse(
                field,
                gettext("The %(axis)s “%(shown)s” is not a whole number.")
                % {"axis": axis, "shown": shown(self.raw(field))},
            )
        elif not model.min_side <= side <= model.max_side:
            self.refuse(
                field,
                gettext(
                    "The %(axis)s %(shown)s is outside the bounds: %(name)s draws %(min_side)s to "
                    "%(max_side)s pixels a side."
                )
                % {
                    "axis": axis,
                    "shown": shown(side),
                    "name": model.name,
                    "min_side": model.min_side,
                    "max_side": model.max_side,
                },
            )
        elif side % model.grid:
            self.refuse(
                field,
                gettext("The %(axis)s %(side)s is off the grid: %(name)s needs a multiple of %(grid)s.")
                % {"axis": axis, "side": side, "name": model.name, "grid": model.grid},
            )


def either(names: Iterable[str]) -> str:
    """Return names as a sentence offers them to choose from: “a”, “a or b”, “a, b or c”."""
    *others, last = names
    return gettext("%(others)s or %(last)s") % {"others": ", ".join(others), "last": last} if others else last


def whole(value: Any) -> int | None:
    """Return the whole number that `value` means, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    text = str(value).strip()
    # isdecimal alone lets through digits of other scripts, which int() reads and people do not expect.
    if len(text) > 20 or not (text.isascii() and text.removeprefix("-").isdecimal()):
        return None
    return int(text)


def shown(value: Any) -> str:
    """Return a value short enough for a message."""
    text = str(value) if not isinstance(value, int) or abs(value) < 10**20 else "a number of over 20 digits"
    return text if len(text) <= 40 else text[:40] + "…"
