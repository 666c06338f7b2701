"""Draw many variants, read them, and print a tally: `python -m tests.variants [HOW MANY] [FIRST SEED]`."""

import sys
from collections import Counter

from tests.variants.judge import judge, read_variant
from tests.variants.layout import draw_variant

SHOWN = 12


def main(count: int, first: int) -> int:
    """Print the tally and the first failures; 1 where a figure was read wrongly, lost or needlessly missed."""
    tally: Counter[str] = Counter()
    shown: list[str] = []
    for seed in range(first, first + count):
        variant = draw_variant(seed)
        verdict = judge(variant, read_variant(variant))
        tally["figures read"] += verdict.read
        tally["figures reported"] += verdict.reported
        tally["words"] += variant.speller.drawn
        tally["unknown words"] += len(variant.speller.unknown)
        tally["variants with unknown words"] += not variant.known
        for kind in ("wrong", "lost", "missed"):
            found = getattr(verdict, kind)
            tally[f"variants with figures {kind}"] += bool(found)
            shown += [f"{kind} seed {seed} {found[0]}"] if found else []
    print("\n".join(shown[:SHOWN]))
    print(f"variants: {count}", *(f"{name}: {number}" for name, number in tally.items()), sep="\n")
    print(f"share of words that are unknown: {tally['unknown words'] / tally['words']:.1%}")
    return 1 if shown else 0


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*([*numbers, *(1000, 0)[len(numbers) :]])))
