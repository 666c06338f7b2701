"""What a form would have to learn to read a workbook: one list item of `forms/*.yml` for each unknown word."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, unified_diff
from pathlib import Path

import yaml

from expectations.errors import InputError
from expectations.yamlfile import parse_yaml
from transforms import common_words, forms
from transforms.common_words import FOLDER, Words
from transforms.files.opening import read_workbook
from transforms.forms import Form, Panel
from transforms.recognise import recognise
from transforms.tables.block import Block
from transforms.tables.heads import header_cell, header_paths
from transforms.tables.layout import find_blocks
from transforms.tables.plan import Column, PanelPlan
from transforms.tables.planning import plan_form
from transforms.tables.recognition import Recognition
from transforms.tables.row_cells import digits_of
from transforms.tables.rows import read_rows
from transforms.wording.messages import message
from transforms.wording.patterns import pattern
from transforms.wording.text import bare, compact
from transforms.wording.words import cell_text
from transforms.workbook import Sheet, address

SHARED = "_words.yml"
NEAR = 0.34
_FEWEST_HEADINGS = 2
_CODE_LENGTHS = frozenset({3, 5, 7})
# What words of columns that every form may have would be read as, by the list of shared words they belong to.
_MEANINGS = {
    f"{kind} {key}": words[key][0]
    for kind, words, keys in (
        ("headers", common_words.shared_words().headers, ("code", "label")),
        ("amounts", common_words.shared_words().amounts, ("amount", "previous")),
    )
    for key in keys
}
_AMOUNTS = {
    word: key
    for key in _MEANINGS
    if key.startswith("amounts")
    for word in common_words.shared_words().amounts[key.removeprefix("amounts ")]
}


@dataclass(frozen=True)
class Suggestion:
    """One word that a list does not have: `path` leads to the list in `file`. `meaning`: what it would be read as.

    Without a path no word of the form is near: a person has to say what it means.
    """

    word: str
    sheet: str
    cell: str
    file: str
    path: tuple[str, ...]
    meaning: str

    def as_text(self) -> str:
        """The sentence for the person who reviews it."""
        if not self.path:
            told = message("no_word_near", file=self.file)
        else:
            words, place = _scalar(self.word), " → ".join(part or '""' for part in self.path)
            told = message("one_word_more", meaning=self.meaning, file=self.file, list=place, word=words)
        return f"{self.sheet}!{self.cell} “{self.word}”：{told}"


def suggest_for(path: Path) -> list[Suggestion]:
    """What the forms would have to learn to read a workbook. Raises UnreadableFileError."""
    return suggest(read_workbook(path))


def suggest(sheets: Sequence[Sheet]) -> list[Suggestion]:
    """What the forms would have to learn, each word and place once; empty where every word is known."""
    found: dict[tuple[str, tuple[str, ...], str], Suggestion] = {}
    previous: tuple[Block, Recognition] | None = None
    for sheet in sheets:
        for block in find_blocks(sheet)[0]:
            recognition = recognise(block, previous)
            previous = (block, recognition)
            for each in _of_block(block, recognition):
                found.setdefault((each.file, each.path, each.word), each)
    return list(found.values())


def _of_block(block: Block, recognition: Recognition) -> Iterator[Suggestion]:
    form = recognition.form or forms.forms().get(recognition.runner_up)
    if form is None or form.card or recognition.continues:
        return
    block = _with_strange_header(block)
    if recognition.strange_title and not _is_called(recognition.strange_title, form):
        where = address((block.preamble or [(block.header[0], 0)])[0][0], 0)
        word = _title_words(recognition.strange_title)
        yield Suggestion(word, block.sheet.name, where, f"{form.form}.yml", ("titles", "other"), form.title)
    plans = recognition.plans or plan_form(block, header_paths(block), form)
    for plan in plans:
        yield from _of_columns(block, plan, form)
        yield from _of_rows(block, plan, form)


def _is_called(title: str, form: Form) -> bool:
    """Whether the form has the title already, and only the header keeps it from being known."""
    own = {compact(words) for spelled in form.titles.values() for words in spelled}
    return compact(_title_words(title)) in own


def _with_strange_header(block: Block) -> Block:
    """A table without header, the words right above its data taken for one in words that nobody knows."""
    above = block.data[0] - 1 if block.data and not block.header else -1
    named = [cell for cell in block.preamble if cell[0] == above]
    if len(named) < _FEWEST_HEADINGS:
        return block
    return replace(block, header=[above], preamble=[cell for cell in block.preamble if cell[0] != above])


def _title_words(title: str) -> str:
    """A title without the year in front of it."""
    return pattern("year_in_front").sub("", title)


def _of_columns(block: Block, plan: PanelPlan, form: Form) -> Iterator[Suggestion]:
    present = {column.key for column in plan.columns if column.kind == "amount"}
    for column in plan.of_kind("unknown"):
        if not (word := _unknown_part(column, plan.panel, form)):
            continue
        cell = address(*header_cell(block, column.index))
        known = _free(plan.panel, present) | ({} if present else _AMOUNTS)
        coded = bool(plan.of_kind("code"))
        if found := _names(block, column, plan.panel, coded=coded) or _nearest(word, known):
            yield Suggestion(word, block.sheet.name, cell, *_place(found, word, plan, form))
        else:
            yield Suggestion(word, block.sheet.name, cell, f"{form.form}.yml", (), "")


def _unknown_part(column: Column, panel: Panel, form: Form) -> str:
    """The words of the header that nobody knows; '' where they are known and only do not go together."""
    known = (
        set(panel.column_words)
        | set(common_words.amount_words())
        | form.neutral_headings
        | panel.heading_words
    )
    unknown = [text for text in column.path if cell_text(text) and common_words.header_key(text) not in known]
    return common_words.header_key(unknown[-1]) if unknown else ""


def _names(block: Block, column: Column, panel: Panel, *, coded: bool) -> str:
    """The kind of a column that is none of amounts: codes (not where the table has some, `coded`), names."""
    values = [block.sheet.at(r, column.index) for r in block.data]
    texts = [value for value in values if value != ""]
    digits = sum(len(digits_of(value)) in _CODE_LENGTHS for value in texts)
    if panel.codes and not coded and texts and digits * 2 > len(texts):
        return "headers code"
    words = sum(bool(cell_text(value)) for value in texts)
    return "headers label" if words * 2 > len(texts) else ""


def _free(panel: Panel, present: set[str]) -> dict[str, str]:
    return {word: key for word, key in panel.column_words.items() if key not in present}


def _of_rows(block: Block, plan: PanelPlan, form: Form) -> Iterator[Suggestion]:
    labels = plan.of_kind("label")
    if not labels or (plan.panel.codes and not plan.panel.items_as_rows):
        return
    rows = read_rows(block, plan)
    present = {row.key for row in rows}
    given = present | {"total", "current_total"}
    known = {w: key for w, key in plan.panel.row_words.items() if key not in given and not key.isdigit()}
    for row in rows:
        word = bare(row.label)
        if (
            row.kind == "unknown"
            and word not in (plan.panel.row_words | {"": ""})
            and (key := _nearest(word, known))
        ):
            cell = address(row.index, labels[0].index)
            yield Suggestion(word, block.sheet.name, cell, *_place(key, word, plan, form))


def _nearest(word: str, known: dict[str, str]) -> str:
    """The key whose spelling is most like the word, '' where none is near or two are equally so."""
    scores: dict[str, float] = {}
    for spelling, key in known.items():
        scores[key] = max(scores.get(key, 0.0), _likeness(word, spelling))
    ranked = sorted(scores.items(), key=lambda entry: -entry[1])
    clear = ranked and ranked[0][1] >= NEAR and (len(ranked) == 1 or ranked[0][1] > ranked[1][1])
    return ranked[0][0] if clear else ""


def _place(found: str, word: str, plan: PanelPlan, form: Form) -> tuple[str, tuple[str, ...], str]:
    """(file, path, meaning): kinds of columns are shared by all forms, keys belong to the form.

    The meaning is said in the spelling that is most like the word.
    """
    shared, _, kind = found.partition(" ")
    if kind:
        return SHARED, (shared, kind), _MEANINGS[found]
    path = ("panels", plan.key, "words", found)
    own = plan.panel.words.get(found) or common_words.shared_words().words.get(found)
    own = own or common_words.shared_words().totals.get(found) or [found]
    return f"{form.form}.yml", path, max(own, key=lambda known: _likeness(word, known))


def _likeness(word: str, known: str) -> float:
    return SequenceMatcher(None, word, known).ratio()


def accept(suggestions: Sequence[Suggestion], folder: Path = FOLDER) -> str:
    """Write the words into the lists of `folder` and give the differences.

    Raises InputError where a file is missing or the definitions would contradict each other; then nothing changes.
    """
    changed: dict[str, str] = {}
    for each in (each for each in suggestions if each.path):
        changed[each.file] = insert_word(
            changed.get(each.file) or _text(folder / each.file), each.path, each.word
        )
    before = {name: _text(folder / name) for name in changed}
    for name, text in changed.items():
        model = Words if name == SHARED else Form
        model.model_validate(parse_yaml(text))
    for name, text in changed.items():
        (folder / name).write_text(text, encoding="utf-8")
    return "".join(_difference(name, before[name], text) for name, text in sorted(changed.items()))


def _text(path: Path) -> str:
    if not path.is_file():
        raise InputError(message("no_such_form", path=path))
    return path.read_text(encoding="utf-8")


def _difference(name: str, before: str, after: str) -> str:
    lines = (before.splitlines(keepends=True), after.splitlines(keepends=True))
    return "".join(unified_diff(*lines, fromfile=name, tofile=name, n=0))


def insert_word(text: str, path: Sequence[str], word: str) -> str:
    """The YAML text with one more item in the list at `path`, all else as it was, comments too.

    >>> insert_word("a: # why\\n  b: [x]\\n", ("a", "b"), "y"), insert_word("a:\\n  b: [x]\\n", ("a", "c"), "y")
    ('a: # why\\n  b: [x, y]\\n', 'a:\\n  c: [y]\\n  b: [x]\\n')
    """
    node = yaml.compose(text)
    for depth, key in enumerate(path):
        assert isinstance(node, yaml.MappingNode)
        inner = next((value for name, value in node.value if name.value == key), None)
        if inner is None:
            return _insert_branch(text, node, path[depth:], word)
        node = inner
    assert isinstance(node, yaml.SequenceNode)
    if word in [item.value for item in node.value]:
        return text
    end = node.end_mark.index - 1
    return f"{text[:end]}{', ' if node.value else ''}{_scalar(word)}{text[end:]}"


def _insert_branch(text: str, node: yaml.MappingNode, path: Sequence[str], word: str) -> str:
    """A new branch at the head of a mapping."""
    branch = f"[{_scalar(word)}]"
    for key in reversed(path[1:]):
        branch = f"{{{_scalar(key)}: {branch}}}"
    at = node.start_mark.index
    if node.flow_style:
        return f"{text[: at + 1]}{_scalar(path[0])}: {branch}{', ' if node.value else ''}{text[at + 1 :]}"
    return f"{text[:at]}{_scalar(path[0])}: {branch}\n{' ' * node.start_mark.column}{text[at:]}"


def _scalar(word: str) -> str:
    """A word as YAML writes it in a list: quoted where it would mean something else."""
    plain = re.fullmatch(r"[^\s\d\W][^\s,:#\[\]{}&*!|>'\"%@`]*", compact(word)) and word not in ("yes", "no")
    return word if plain else json.dumps(word, ensure_ascii=False)
