"""The generator's own words: it draws spellings and remembers whether a reader can know them."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

PATH = Path(__file__).with_name("words.yml")


@cache
def words() -> dict[str, Any]:
    """`words.yml`."""
    return yaml.safe_load(PATH.read_text(encoding="utf-8"))


@dataclass
class Speller:
    """Draws spellings. `strange`: the share of unknown ones; `unknown`: those that were drawn."""

    rng: Random
    strange: float
    drawn: int = 0
    unknown: list[str] = field(default_factory=list)

    @property
    def learned(self) -> bool:
        """Whether only known spellings are drawn."""
        return not self.strange

    def say(self, kind: str, key: str) -> str:
        """A spelling of a title, header, total or key, typed as somebody types it."""
        entry = words()[kind][key]
        self.drawn += 1
        if self.rng.random() < self.strange:
            self.unknown.append(self.rng.choice(entry["unknown"]))
            return self.unknown[-1]
        return self._typed(self.rng.choice(entry["known"]))

    def unit_note(self, unit: str) -> str:
        """A note of the unit."""
        kind = "known" if self.learned or self.rng.random() < 0.8 else "unknown"
        return self.rng.choice(words()["units"][kind]).format(unit=unit)

    def _typed(self, text: str) -> str:
        """The text with a typist's habits: spaces, line breaks, half-width brackets."""
        habit = self.rng.random()
        if habit < 0.08:
            return " ".join(text)
        if habit < 0.14:
            return self._broken(text)
        if habit < 0.2:
            return text.replace("（", "(").replace("）", ")") + " "
        return "\u3000" + text if habit < 0.22 else text

    def _broken(self, text: str) -> str:
        at = self.rng.randrange(1, len(text))
        return text[:at] + "\n" + text[at:]
