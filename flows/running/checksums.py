"""Checksums of files and of plain values."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def checksum(rows: Iterable[Any]) -> str:
    """One SHA-256 over rows of plain values; paths among them count as the system spells them, which may not be UTF-8."""
    spelt = json.dumps(list(rows), ensure_ascii=False)
    return hashlib.sha256(spelt.encode("utf-8", "surrogateescape")).hexdigest()


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
