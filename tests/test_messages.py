"""The reader's sentences and the places that say them."""

import ast
from pathlib import Path

from transforms.wording.messages import messages

TRANSFORMS = Path(__file__).resolve().parents[1] / "transforms"


def said() -> set[str]:
    """Every text that stands in the code of the reader."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in TRANSFORMS.rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


def asked() -> set[str]:
    """Every sentence that the code of the reader asks for by its name."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in TRANSFORMS.rglob("*.py"))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = [call.args[0] for call in calls if getattr(call.func, "id", "") == "message"]
    return {each.value for each in named if isinstance(each, ast.Constant)}


def test_every_sentence_that_the_reader_asks_for_is_in_the_list() -> None:
    assert len(asked()) > 20
    assert asked() - set(messages()) == set()


def test_no_sentence_in_the_list_is_said_by_nobody() -> None:
    assert set(messages()) - said() == set()
