"""Weights are safetensors: what can run code when it is read is read nowhere but where we wrote it ourselves."""

import ast

import pytest

from tests.rules import tree

# Both are the starter's own making: a person who trains it anew reads what the same command wrote. No site runs them.
READ_BY_TORCH = {
    "generation/starter/classifier.py": "the classifier that judges the starter's drawings, kept between two trainings",
    "generation/starter/training.py": "the checkpoint that an interrupted training of the starter goes on from",
}
# A tokenizer: its files are JSON and text.
NO_WEIGHTS = [("generation/starter/loading.py", "kind.from_pretrained(_text_encoder_folder())")]
MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


def readings(module: ast.Module) -> list[str]:
    """Return a line for each place that may run what it reads; torch's own with `weights_only` is told apart."""
    found = []
    for node in ast.walk(module):
        match node:
            case ast.Import(names=names) if {one.name.partition(".")[0] for one in names} & MODULES:
                found.append(ast.unparse(node))
            case ast.ImportFrom(module=str(name)) if name.partition(".")[0] in MODULES:
                found.append(ast.unparse(node))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="load")):
                found.append("torch, weights only" if _has(node, "weights_only", True) else ast.unparse(node))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="load")):
                found += [] if _has(node, "allow_pickle", False) else [ast.unparse(node)]
            case ast.Call(func=ast.Attribute(attr="from_pretrained"), keywords=keywords):
                is_told = _has(node, "use_safetensors", True) or any(one.arg is None for one in keywords)
                found += [] if is_told else [ast.unparse(node)]
            case ast.ImportFrom(module="torch", names=names) if "load" in {one.name for one in names}:
                found.append(ast.unparse(node))
            case ast.keyword(arg="use_safetensors" | "weights_only", value=ast.Constant(value=False)):
                found.append(ast.unparse(node))
    return found


def _has(call: ast.Call, name: str, value: bool) -> bool:
    return any(
        one.arg == name and isinstance(one.value, ast.Constant) and one.value.value is value for one in call.keywords
    )


def test_only_safetensors_are_read() -> None:
    found = [(tree.name_of(path), one) for path in tree.product_files() for one in readings(tree.parse(path))]

    assert sorted(found) == sorted([*NO_WEIGHTS, *((name, "torch, weights only") for name in READ_BY_TORCH)])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", ["import pickle"]),
        ("from joblib import load", ["from joblib import load"]),
        ("from torch import load", ["from torch import load"]),
        ("torch.load(path)", ["torch.load(path)"]),
        ("torch.load(path, weights_only=False)", ["torch.load(path, weights_only=False)", "weights_only=False"]),
        ("torch.load(path, weights_only=True)", ["torch, weights only"]),
        ("np.load(path)", ["np.load(path)"]),
        ("np.load(path, allow_pickle=False)", []),
        (
            "AutoModel.from_pretrained(path, use_safetensors=False)",
            ["AutoModel.from_pretrained(path, use_safetensors=False)", "use_safetensors=False"],
        ),
        ("AutoModel.from_pretrained(path)", ["AutoModel.from_pretrained(path)"]),
        ("AutoModel.from_pretrained(path, use_safetensors=True)", []),
        ("AutoModel.from_pretrained(path, **options)", []),
        ("safetensors.torch.load(content)", []),
    ],
)
def test_a_reading_is_recognised(source: str, found: list[str]) -> None:
    assert sorted(readings(ast.parse(source))) == sorted(found)
