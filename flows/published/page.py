"""The county on one page: a single file that asks nothing of any network and runs by double click."""

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from expectations.saying import Messages
from flows.published.page_data import Block, page_data
from flows.published.release import Release

say = Messages(__file__)

PARTS = Path(__file__).with_suffix("")
SCRIPTS = ("data.js", "charts.js", "sources.js", "sections.js", "changes.js", "tables.js", "start.js")


def write_page(release: Release, path: Path) -> None:
    """Write `report/index.html`; the same release gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(page(page_data(release)))


def page(block: Block) -> Iterator[str]:
    """The page with its style, script and figures inside, piece by piece; its policy forbids every request."""
    script = "\n".join(_part(name) for name in SCRIPTS)
    style = _part("page.css")
    before, figures, after = (
        _part("page.html")
        .replace("{{title}}", say("title", year=block["year"]))
        .replace("{{script_hash}}", _policy_hash(script))
        .replace("{{style}}", style)
        .replace("{{script}}", script)
        .partition("{{figures}}")
    )
    yield before
    yield from as_json(block) if figures else ()
    yield after


def _part(name: str) -> str:
    return (PARTS / name).read_text(encoding="utf-8").strip()


def _policy_hash(script: str) -> str:
    return "sha256-" + b64encode(sha256(script.encode()).digest()).decode()


def as_json(block: Any) -> Iterator[str]:
    """JSON, column by column, that cannot end the element it stands in, whatever the workbooks say."""
    given = block() if callable(block) else block
    if isinstance(given, dict):
        for number, (name, each) in enumerate(given.items()):
            yield f"{',' if number else '{'}{_escaped(name)}:"
            yield from as_json(each)
        yield "}" if given else "{}"
    else:
        yield _escaped(given.tolist() if isinstance(given, np.ndarray) else given)


def _escaped(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
