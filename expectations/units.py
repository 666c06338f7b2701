"""Units of money (`units.yml`)."""

from pathlib import Path

from pydantic import TypeAdapter

from expectations.yamlfile import read_as

# The 分 in one of each unit.
FEN_PER = read_as(Path(__file__).parent / "units.yml", TypeAdapter(dict[str, int]))
