"""The county on one page: a single file that asks nothing of any network and runs by double click."""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from flows.page_data import Block, page_data
from flows.release import Release

PARTS = Path(__file__).with_suffix("")
SCRIPTS = ("data.js", "charts.js", "sources.js", "sections.js", "changes.js", "tables.js", "start.js")


def write_page(release: Release, path: Path) -> None:
    """Write `report/index.html`; the same release gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(page_data(release)), encoding="utf-8", newline="\n")


def page(block: Block) -> str:
    """The page with its style, script and figures inside; its policy forbids every request."""
    script = "\n".join(_part(name) for name in SCRIPTS)
    style = _part("page.css")
    return (
        _part("page.html")
        .replace("{{title}}", f"{block['year']}年全县部门预算")
        .replace("{{script_hash}}", _policy_hash(script))
        .replace("{{style}}", style)
        .replace("{{script}}", script)
        .replace("{{figures}}", _as_json(block))
    )


def _part(name: str) -> str:
    return (PARTS / name).read_text(encoding="utf-8").strip()


def _policy_hash(script: str) -> str:
    return "sha256-" + b64encode(sha256(script.encode()).digest()).decode()


def _as_json(block: Block) -> str:
    """JSON that cannot end the element it stands in, whatever the workbooks say."""
    text = json.dumps(block, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
