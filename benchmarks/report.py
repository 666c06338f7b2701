"""docs/benchmarks.md: each benchmark replaces its own section and leaves the others as they are."""

from collections.abc import Sequence
from pathlib import Path

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def with_section(text: str, heading: str, lines: Sequence[str]) -> str:
    """The report with a section of this heading in place of the one it has, else at its end.

    >>> with_section("# B\\n\\n## A\\n\\n1\\n\\n## C\\n\\n2\\n", "## A", ["3"])
    '# B\\n\\n## A\\n\\n3\\n\\n## C\\n\\n2\\n'
    """
    parts = text.rstrip().split("\n## ")
    section = "\n".join([heading.removeprefix("## "), "", *lines]).rstrip() + "\n"
    place = next((i for i, part in enumerate(parts) if f"## {part}".startswith(f"{heading}\n")), len(parts))
    parts[place : place + 1] = [section]
    return "\n## ".join(f"{part.rstrip()}\n" for part in parts)


def replace_section(heading: str, lines: Sequence[str]) -> None:
    """Write a section of the report anew."""
    text = REPORT.read_text(encoding="utf-8") if REPORT.exists() else "# Benchmarks\n"
    REPORT.write_text(with_section(text, heading, lines), encoding="utf-8")
