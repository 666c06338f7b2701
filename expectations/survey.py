"""Taking stock of the evidence: the ground that the checks stand on, from the frames that reading hands over."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from expectations.canon import families, family_of, forms
from expectations.ground import (
    UNREAD_RULE,
    Evidence,
    Flags,
    Ground,
    Ints,
    Keys,
    addresses,
    gathered,
    marked,
    numbers,
    unitless,
)

# Forms of which a body has many.
REPEATING = ("project",)


def survey(evidence: Evidence) -> Ground:
    """Take stock of the evidence once, for all rules."""
    bodies, blocks, facts = (
        frame.reset_index(drop=True) for frame in (evidence.bodies, evidence.blocks, evidence.facts)
    )
    names = tuple(forms())
    body, form = numbers(facts["body_id"], bodies["body_id"]), numbers(facts["form"], names)
    block = numbers(facts["block_id"], blocks["block_id"])
    if min(body.min(initial=0), block.min(initial=0)) < 0:
        raise ValueError("facts of a body or block that is not listed")
    keys = {name: Keys.of(facts[name]) for name in ("panel", "row_key", "column_key", "measure")}
    shape = (len(bodies), len(names))
    block_of = (numbers(blocks["body_id"], bodies["body_id"]), numbers(blocks["form"], names))
    bits = {name: 1 << number for number, name in enumerate(_all_columns())}
    return Ground(
        bodies=bodies,
        facts=facts,
        forms=names,
        body=body,
        block=block,
        form=form,
        panel=keys["panel"],
        row=keys["row_key"],
        column=keys["column_key"],
        measure=keys["measure"],
        step=_steps(facts, blocks, block),
        row_parent=_positions(facts["row_parent"], facts["fact_id"]),
        column_parent=_positions(facts["column_parent"], facts["fact_id"]),
        counted=_first_copies(body, form, block, keys, repeating=[names.index(name) for name in REPEATING]),
        has_form=marked(shape, block_of),
        columns=gathered(shape, block_of, _column_bits(blocks["columns"], bits))
        | gathered(shape, (body, form), _key_bits(keys["column_key"], bits)),
        column_bits=bits,
        owes_form=_owed(bodies["family"], names, evidence.year),
        told=marked(shape, _told(evidence.problems, blocks, bodies, names)),
        named=(_numbered(blocks["declared_code"]), _numbered(_spelled(blocks["declared_name"]))),
    )


def _spelled(names: "pd.Series[Any]") -> "pd.Series[Any]":
    """Names however their brackets and spaces are typed, as `spelled` of `relations` has them."""
    return names.str.translate(str.maketrans("（）", "()")).str.replace(r"\s", "", regex=True)


def _numbered(said: "pd.Series[Any]") -> Ints:
    """A number for each text, -1 for none."""
    return np.asarray(pd.factorize(said.where(said != ""))[0], dtype=np.int64)


def _told(
    problems: pd.DataFrame, blocks: pd.DataFrame, bodies: pd.DataFrame, names: Sequence[str]
) -> tuple[Ints, Ints]:
    """Bodies and forms of the blocks on whose sheets a figure was not read."""
    place = ["body_id", "file", "sheet"]
    unread = problems.loc[problems["rule_id"] == UNREAD_RULE, place].drop_duplicates()
    told = blocks[[*place, "form"]].merge(unread, on=place)
    return numbers(told["body_id"], bodies["body_id"]), numbers(told["form"], names)


def _steps(facts: pd.DataFrame, blocks: pd.DataFrame, block: Ints) -> Ints:
    """The display step of each fact: its own where it has one (figures in prose), else that of its block; 1 without a unit."""
    own = facts["own_step"].fillna(0).to_numpy(dtype=np.int64)
    shown = np.where(own > 0, own, blocks["step"].fillna(1).to_numpy(dtype=np.int64)[block])
    return np.where(unitless(facts), 1, shown)


def _owed(family: "pd.Series[Any]", names: Sequence[str], year: int) -> Flags:
    """Per body and form: whether the bureau asks for it."""
    asked = {name: family_of(name, year) for name in family.unique()}
    everywhere = set.intersection(*(set(kept.forms) for kept in families()))
    owed = {name: set(kept.forms) if kept else everywhere for name, kept in asked.items()}
    rows = [[form in owed[name] for form in names] for name in family]
    return np.array(rows, dtype=bool).reshape(len(family), len(names))


def _positions(parents: "pd.Series[Any]", fact_ids: "pd.Series[Any]") -> Ints:
    """The positions of parent facts; -1 where a fact has none."""
    wanted = parents.fillna(-1).to_numpy(dtype=np.int64)
    own = fact_ids.to_numpy(dtype=np.int64)
    if np.array_equal(own, np.arange(len(own))):
        return wanted
    return np.asarray(pd.Index(own).get_indexer(pd.Index(wanted)), dtype=np.int64)


def _all_columns() -> list[str]:
    """Every column key of every form, each once."""
    panels = [panel for form in forms().values() for panel in form.panels.values()]
    keys = {key for panel in panels for parent, parts in panel.columns.items() for key in (parent, *parts)}
    return sorted(keys)


def _column_bits(columns: "pd.Series[Any]", bits: dict[str, int]) -> Ints:
    """Per block: its columns as one number of bits."""
    known: dict[str, int] = {}
    for printed in columns.unique():
        known[printed] = sum(bits.get(name, 0) for name in set(printed.split()))
    return np.asarray(columns.map(known), dtype=np.int64)


def _key_bits(keys: Keys, bits: dict[str, int]) -> Ints:
    """Per fact: the bit of its column."""
    own = np.array([bits.get(name, 0) for name in keys.names], dtype=np.int64)
    return own[keys.codes] if len(own) else np.zeros(0, dtype=np.int64)


def _first_copies(
    body: Ints, form: Ints, block: Ints, keys: dict[str, Keys], repeating: Sequence[int]
) -> Flags:
    """False for a figure whose address another block of the same body and form has printed before.

    Forms of which a body has many keep them all.
    """
    address = addresses(body, form, keys.values())
    first_block = np.full(int(address.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first_block, address, block)
    return np.asarray((first_block[address] == block) | np.isin(form, repeating))
