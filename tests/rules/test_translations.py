"""Every word that a template shows is marked for translation, the operators' pages and the legal ones too.

Left out is the page for the worst, which must stand alone.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from getimg_site.nouns import NOUNS
from tests.rules import tree

_PAIRS = r"{% *(?P<pair>comment|blocktranslate)\b.*?{% *end(?P=pair) *%}"
# A class is given as a block to the admin's pages and the test shop's.
_CLASS = r"{% block (?P<block>coltype|width) %}.*?{% endblock (?P=block) %}"
_TAGS = re.compile("{#.*?#}|" + _CLASS + "|" + _PAIRS, re.DOTALL)
_OF_A_CLASS = re.compile(_CLASS, re.DOTALL)
_RAW = re.compile(r"<(script|style|pre|code|svg|textarea|kbd|samp)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\s(aria-label|title|alt|placeholder|data-tip|data-copy-name|label)=\"([^\"]*)\"")
_LETTER = re.compile(r"[A-Za-z]")


def unmarked(text: str) -> list[str]:
    """Return a line for each word that is shown as it stands."""
    bare = re.sub(r"{%.*?%}|{{.*?}}", _blank, _TAGS.sub(_blank, text), flags=re.DOTALL)
    bare = _RAW.sub(_blank, re.sub("<!--.*?-->", _blank, bare, flags=re.DOTALL))
    found = [(match.start(2), match[2]) for match in _ATTRIBUTE.finditer(bare)]
    shown = re.sub(r"&#?\w+;", _blank, re.sub("<[^>]*>", _blank, bare))
    found += [(match.start(), match[0]) for match in re.finditer(r"\S[^\n]*", shown)]
    return [f"line {bare.count(chr(10), 0, at) + 1}: {words.strip()}" for at, words in found if _LETTER.search(words)]


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _templates() -> list[Path]:
    return [path for path in tree.templates() if path.name != "500.html"]


def test_every_word_of_a_template_is_marked() -> None:
    found = [f"{tree.name_of(path)}, {line}" for path in _templates() for line in unmarked(path.read_text())]
    assert not found, "Put it into {% translate %} or {% blocktranslate %}:\n" + "\n".join(found)


def test_no_class_is_marked() -> None:
    found = [
        f"{tree.name_of(path)}: {given[0]}"
        for path in _templates()
        for given in _OF_A_CLASS.finditer(path.read_text())
        if "translate" in given[0]
    ]
    assert not found, "A translated class is no class of the style sheets:\n" + "\n".join(found)


def test_blocks_that_give_a_class_are_known() -> None:
    within = re.compile(r"""class="[^"]*{% block (\w+) %}""")
    found = {name for path in _templates() for name in within.findall(path.read_text())}
    assert found == {"width"}, "Add to _CLASS"


def test_every_noun_that_is_counted_is_marked() -> None:
    counted = re.compile(r"\|counted:(?:\"([^\"]*)\"|'([^']*)')")
    found = {one or two for path in _templates() for one, two in counted.findall(path.read_text())}
    assert found <= NOUNS.keys(), f"Add to getimg_site/nouns.py: {sorted(found - NOUNS.keys())}"


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("<p>Hello</p>", True),
        ('<p>{% translate "Hello" %}</p>', False),
        ("<p>{% blocktranslate with a=b %}Hello {{ a }}{% endblocktranslate %}</p>", False),
        ("<p>{{ name }}: {{ number }} × 3</p>", False),
        ("<p>{{ number }} s</p>", True),
        ('<a aria-label="Back"></a>', True),
        ('<a aria-label="{% translate \'Back\' %}" class="button"></a>', False),
        ("<p>{% if a > b %}yes{% endif %}</p>", True),
        ("<code>getimg</code> &middot; <!-- a note -->{# another #}", False),
    ],
)
def test_a_word_is_recognised(text: str, is_found: bool) -> None:
    assert bool(unmarked(text)) is is_found


def test_every_notice_and_refusal_in_python_is_marked() -> None:
    found = [f"{tree.name_of(path)}, {line}" for path in tree.product_files() for line in unmarked_calls(path)]
    assert not found, "Put it into gettext():\n" + "\n".join(found)


def test_nothing_is_translated_once_and_for_all() -> None:
    found = [
        f"{tree.name_of(path)}, line {node.lineno}: {ast.unparse(node)[:80]}"
        for path in tree.product_files()
        for node in translated_on_import(tree.parse(path))
    ]
    assert not found, "This is read in the language of the import. Use gettext_lazy() or gettext_noop():\n" + "\n".join(
        found
    )


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ('WORDS = gettext("Describe it.")', True),
        ('class Form:\n words = ngettext("one", "two", 2)', True),
        ('def text(missing: str = gettext("Describe it.")): pass', True),
        ('def text(missing: str = ""):\n return missing or gettext("Describe it.")', False),
        ('WORDS = gettext_lazy("Describe it.")', False),
        ('WORDS = lambda: gettext("Describe it.")', False),
    ],
)
def test_what_is_translated_on_import_is_recognised(code: str, is_found: bool) -> None:
    assert bool(list(translated_on_import(ast.parse(code)))) is is_found


def translated_on_import(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of gettext() that are made when the module is read: bodies of functions are left out."""
    match node:
        case ast.Lambda(args=arguments) | ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
            parts: list[ast.AST] = [arguments, *getattr(node, "decorator_list", [])]
        case ast.Call(func=ast.Name(id="gettext" | "ngettext" | "pgettext")):
            yield node
            return
        case _:
            parts = list(ast.iter_child_nodes(node))
    for part in parts:
        yield from translated_on_import(part)


def unmarked_calls(path: Path) -> list[str]:
    """Return a line for what people read that stands there as it is.

    That are notices of a view (`messages.…`) and of the admin, words of errors, titles of plots, and what the admin
    says, and what it calls its columns, actions, fields and filters.
    """
    calls = [node for node in ast.walk(tree.parse(path)) if isinstance(node, ast.Call)]
    said = [node.args[1] for node in calls if _is_notice(node) and len(node.args) > 1]
    if path.name == "errors.py" and path.parent.name not in ("engine", "inference"):
        said += [node.args[0] for node in calls if _is_error(node) and node.args]
    said += [word for node in calls if _is_refusal(node) for word in _words_of(node) if _is_sentence(word)]
    said += [node.args[1] for node in calls if _is_reading(node) and len(node.args) > 1]
    said += _missing_words(tree.parse(path))
    if "admin" in path.stem or path.parent.name == "admin":
        said += [word.value for node in calls for word in node.keywords if word.arg in _NAMES]
        said += _unmarked_of_admin(tree.parse(path))
    if "models" in path.parts:
        said += [word.value for node in calls for word in node.keywords if word.arg in _NAMES]
    said += [
        word.value for node in calls if _is_plot(node) for word in node.keywords if word.arg in ("title", "summary")
    ]
    return [f"line {node.lineno}: {ast.unparse(node)[:80]}" for node in said if _is_text(node)]


# Keywords by which the admin is told what something is called.
_NAMES = {"description", "label", "help_text", "verbose_name", "verbose_name_plural"}
# What an admin class calls itself and its filters.
_OWN_NAMES = {"title", "search_help_text", "verbose_name", "verbose_name_plural"}
# Their words are marked. Those of audit lines and of the log are kept as they were written, and are no page's.
_MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
_KEEPERS = {"log_change", "write", "_write_lines", "Http404"}
_NOTES = {"Suspension lifted", "Not allowed"}
_FORMAT = re.compile(r"<[^>]*>|text/\w+; charset=\S+|attachment; filename=\S*|private, no-store")


def _unmarked_of_admin(module: ast.Module) -> list[ast.expr]:
    """Return what an admin module says: sentences, names of its groups of fields and filters, choices of a filter."""
    found = list(_sentences(module))
    for node in ast.walk(module):
        match node:
            case ast.Tuple(elts=[ast.Constant() as name, ast.Dict()]):
                found.append(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _OWN_NAMES:
                found.append(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                named = zip(names, values, strict=True)
                found += [value for name, value in named if isinstance(name, ast.Name) and name.id in _OWN_NAMES]
            case ast.FunctionDef(name="lookups"):
                pairs = [pair for pair in ast.walk(node) if isinstance(pair, ast.Tuple) and len(pair.elts) == 2]
                found += [pair.elts[1] for pair in pairs if isinstance(pair.elts[1], ast.Constant)]
    return found


def _sentences(node: ast.AST) -> Iterator[ast.expr]:
    """Yield texts with more than one word that nothing marks; docstrings, the log's and the audit log's words aside."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _MARKS | _KEEPERS:
            return
        case ast.Call(func=ast.Attribute(value=ast.Name(id="logger"))) | ast.Expr(value=ast.Constant()):
            return
        case ast.Constant(value=str(text)) if _is_said(text) and text not in _NOTES:
            yield node
        case ast.JoinedStr(values=values):
            if _is_said("".join(str(value.value) if isinstance(value, ast.Constant) else "0" for value in values)):
                yield node
            for value in values:
                if isinstance(value, ast.FormattedValue):
                    yield from _sentences(value.value)
            return
    for child in ast.iter_child_nodes(node):
        yield from _sentences(child)


def _is_said(text: str) -> bool:
    bare = _FORMAT.sub("", text)
    return bool(re.search(r"[A-Za-z]{2,}[^\w ]* +\w|\w +[A-Za-z]{2,}", bare))


def _is_plot(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in ("bars", "stacks")


# Errors whose own words people read, beside a field or in an answer, and what refuses a field.
_REFUSALS = re.compile(r"(Refused|NotFetched|FieldError|ValidationError|Declined|^refuse)$")
# What takes a field out of a request, told second what it is called in a sentence.
_READINGS = {"integer", "decimal", "one_of", "text", "_fits"}


def _is_refusal(node: ast.Call) -> bool:
    return bool(_REFUSALS.search(_name_of(node)))


def _is_reading(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in _READINGS
        and ast.unparse(node.func.value)
        in (
            "self",
            "reader",
        )
    )


def _words_of(node: ast.Call) -> Iterator[ast.expr]:
    """Yield what a call is given, both sides of an `or` too."""
    for word in node.args:
        yield from word.values if isinstance(word, ast.BoolOp) else [word]


def _missing_words(module: ast.Module) -> Iterator[ast.expr]:
    """Yield what is said where something is missing: given as `missing=`, or a name or default that ends so."""
    for node in ast.walk(module):
        match node:
            case ast.keyword(arg="missing", value=value):
                yield value
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.endswith("_missing"):
                yield value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name.endswith("_missing"):
                yield value


def _name_of(node: ast.Call) -> str:
    of = node.func
    return of.attr if isinstance(of, ast.Attribute) else of.id if isinstance(of, ast.Name) else ""


def _is_sentence(node: ast.expr) -> bool:
    return _is_text(node) and " " in ast.unparse(node)


def _is_notice(node: ast.Call) -> bool:
    of = node.func
    if not (isinstance(of, ast.Attribute) and isinstance(of.value, ast.Name)):
        return False
    return of.value.id == "messages" or of.attr == "message_user"


def _is_error(node: ast.Call) -> bool:
    of = node.func
    return isinstance(of, ast.Attribute) and of.attr == "__init__" and isinstance(of.value, ast.Call)


def _is_text(node: ast.expr) -> bool:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    words = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return bool(_LETTER.search("".join(words)))


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ('raise LoraRefused("pickle", "This is a pickle.")', True),
        ('raise ImageNotFetched(f"The server answered with {status}.")', True),
        ('messages.error(request, "It went wrong.")', True),
        ('reader.refuse("seed", f"“{seed}” is not a valid seed.")', True),
        ('reader.refuse("seed", gettext("This is not a valid seed."), "missing_field")', False),
        ('raise PaymentDeclined(error.get("message") or "It was not paid.", "not_paid")', True),
        ('reader.integer("steps", "steps", 20, 1, 100)', True),
        ('reader.integer("steps", gettext("steps"), 20, 1, 100)', False),
        ('reader.text("prompt", label, missing="Describe it.")', True),
        ('class Task:\n prompt_missing: ClassVar[str] = "Describe it."', True),
        ('class Task:\n prompt_missing = gettext_noop("Describe it.")', False),
        ('raise LoraRefused("pickle", gettext("This is a pickle."))', False),
        ('raise PictureRefused("not_a_picture", words)', False),
        ('logger.info("Only operators read it.")', False),
        ('self.message_user(request, f"{count} runs canceled.")', True),
        ('self.message_user(request, gettext("Canceled."))', False),
        ('admin.display(description="on now")', True),
        ('admin.display(description=_("on now"), ordering="name")', False),
        ("return format_html('<a href=\"{}\">All lines</a>', url)", True),
        ('return format_html(\'<a href="{}">{}</a>\', url, gettext("All lines"))', False),
        ('words = f"{count} refused"', True),
        ('self.log_change(request, row, f"Refused: {reason}")', False),
        ('fieldsets = ((None, {"fields": ()}), ("Price", {"fields": ()}))', True),
        ('fieldsets = ((None, {"fields": ()}), (_("Price"), {"fields": ()}))', False),
        ('title, parameter_name = "tool", "task"', True),
        ('title, parameter_name = _("tool"), "task"', False),
        ('def lookups(self): return [("kept", "Kept")]', True),
        ('def lookups(self): return [("kept", _("Kept"))]', False),
        ('plots.bars(days, title="Spent")', True),
    ],
)
def test_a_refusal_is_recognised(tmp_path: Path, code: str, is_found: bool) -> None:
    (tmp_path / "said_admin.py").write_text(code)
    assert bool(unmarked_calls(tmp_path / "said_admin.py")) is is_found
