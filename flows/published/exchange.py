"""Exchanging two folders' names in one step, where the operating system and the file system can."""

import ctypes
import os
import sys
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2
RENAME_SWAP = 2


def exchange(one: Path, other: Path) -> bool:
    """Give each of two existing folders the other's name at once; False where that cannot be done.

    Linux has renameat2 and macOS renamex_np; Windows and some network shares have nothing of the kind.
    """
    first, second = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return bool(library.renamex_np(first, second, RENAME_SWAP) == 0)
        return bool(library.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) == 0)
    except (AttributeError, OSError, TypeError):
        return False
