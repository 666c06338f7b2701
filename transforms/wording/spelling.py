"""Spellings written short: `比{上年|去年}增减{|额}` stands for each way through its braces."""

import re
from itertools import product
from typing import Any

_CHOICE = re.compile(r"\{([^{}]*)\}")


def spellings(pattern: str) -> list[str]:
    """Every way through the braces of a pattern.

    >>> spellings("比{上年|去年}增减{|额}"), spellings("合计")
    (['比上年增减', '比上年增减额', '比去年增减', '比去年增减额'], ['合计'])
    """
    parts = [part.split("|") if n % 2 else [part] for n, part in enumerate(_CHOICE.split(pattern))]
    return ["".join(way) for way in product(*parts)]


def spelled_out(content: Any) -> Any:
    """Definitions in which each list of words holds what its patterns stand for."""
    if isinstance(content, dict):
        return {key: spelled_out(value) for key, value in content.items()}
    if isinstance(content, list):
        found = [spellings(each) if isinstance(each, str) else [spelled_out(each)] for each in content]
        return [each for every in found for each in every]
    return content
