"""What the program says to people stands in files of sentences: each is said, is complete, and stands there once."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

from expectations.saying import FACTS, FILE, sections

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("expectations", "transforms", "flows")
FILES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob(FILE))
# A Chinese character that is no numeral.
CHINESE = re.compile(r"(?![零一二三四五六七八九十])[\u4e00-\u9fff]")
# So many Chinese characters are a sentence, fewer a word of a form or a piece that joins others.
SENTENCE = 8
# Where longer texts without a sentence's signs stand in code for a reason.
IN_CODE = {
    "flows.consolidate": "names of the flow's stages",
    "flows.published.county_pages": "column names of the workbook's sheets",
    "transforms.narrative.headings": "a pattern of what names a body before a heading",
    "flows.published.official_forms": "titles of the county's forms and of their sheets",
}
# Callables that say a sentence of their module's section by the key that they are given first.
RELAYS = {"transforms.files.refusals": ("UnreadableFileError", "keep_within", "keep_bytes_within")}
# Before the key of a refusal: what is said instead of a document.
OF_DOCUMENT = "document_"
PLACES = re.compile(r"\{.*?\}")
DOUBLED = re.compile(r"[。，；：、]{2}| {3}|[{}]")
SIGN = re.compile(r"[，。；：？！]")
LATIN_SIGN = re.compile(r"[\u4e00-\u9fff][,;?!]|[\u4e00-\u9fff]\.(?!\w)")


class Said(NamedTuple):
    """A sentence that code says: at `line` of a module, of a file's section, by key, with facts (None: not written out)."""

    module: str
    line: int
    file: Path
    section: str
    key: str
    facts: frozenset[str] | None


@cache
def modules() -> dict[str, ast.Module]:
    """The modules of the three layers by their names."""
    paths = [path for layer in LAYERS for path in (ROOT / layer).rglob("*.py")]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
        for path in paths
    }


def path_of(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


@cache
def speakers() -> dict[str, dict[str, str]]:
    """Per module the names by which it says sentences, with the module whose section they are of."""
    own = {
        name: dict.fromkeys((*declared(tree), *RELAYS.get(name, ())), name)
        for name, tree in modules().items()
    }
    return {name: own[name] | imported(tree, own) for name, tree in modules().items()}


def declared(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "Messages(__file__)":
            yield from (each.id for each in node.targets if isinstance(each, ast.Name))


def imported(tree: ast.Module, own: dict[str, dict[str, str]]) -> dict[str, str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name: node.module
        for node in nodes
        for alias in node.names
        if node.module and alias.name in own.get(node.module, {})
    }


@cache
def said() -> tuple[Said, ...]:
    """Every sentence whose key is written where it is said."""
    return tuple(
        each for module, tree in modules().items() if speakers()[module] for each in calls(module, tree)
    )


def calls(module: str, tree: ast.Module) -> Iterator[Said]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if owner := speakers()[module].get(node.func.id):
            names = [keyword.arg for keyword in node.keywords]
            facts = None if None in names or len(node.args) > 1 else frozenset(name for name in names if name)
            for key in keys(node.args[0]):
                file = path_of(owner).with_name(FILE)
                yield Said(module, node.lineno, file, path_of(owner).stem, key, facts)


def keys(node: ast.expr) -> Iterator[str]:
    """The keys that an expression can be, as far as they are written there."""
    if isinstance(node, ast.IfExp):
        yield from keys(node.body)
        yield from keys(node.orelse)
    elif isinstance(node, ast.Constant):
        yield str(node.value)


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts in code, docstrings apart, those of an f-string as one; with their lines."""
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    apart = {id(part) for node in joined for part in ast.walk(node) if part is not node} | docstrings(tree)
    for node in ast.walk(tree):
        if id(node) in apart:
            continue
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def docstrings(tree: ast.Module) -> set[int]:
    scopes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    firsts = [node.body[0] for node in ast.walk(tree) if isinstance(node, scopes) and node.body]
    return {id(first.value) for first in firsts if isinstance(first, ast.Expr)}


def rows(file: Path) -> Iterator[tuple[str, str, str]]:
    """Section, key and text of each sentence of a file."""
    for section, found in sections(file).items():
        if section != FACTS:
            yield from ((section, key, text) for key, text in found.items())


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_sentence_that_is_said_stands_in_its_file_with_the_facts_that_it_is_given():
    assert len(said()) > 50
    wrong = []
    for each in said():
        text = sections(each.file).get(each.section, {}).get(each.key)
        if text is None:
            wrong.append(
                f"{each.module}:{each.line} says {each.section}.{each.key}, which {short(each.file)} lacks"
            )
        elif each.facts is not None and each.facts != places(text):
            wrong.append(f"{each.module}:{each.line} gives {sorted(each.facts)} for “{text}”")
    assert wrong == []


def test_every_sentence_is_said_by_somebody():
    outright = {(each.file, each.section, each.key) for each in said()}
    unsaid = [
        f"{short(file)}: {section}.{key}"
        for file in FILES
        for section, key, _ in rows(file)
        if (file, section, key) not in outright
        and key.removeprefix(OF_DOCUMENT) not in chosen_from(file.with_name(section))
    ]
    assert unsaid == []


@cache
def chosen_from(section: Path) -> frozenset[str]:
    """The texts in modules that say sentences of a section and work one's key out: any of them may be that key."""
    owner = ".".join(section.relative_to(ROOT).parts)
    speaking = {
        name: by for name, names in speakers().items() if (by := [k for k, v in names.items() if v == owner])
    }
    if not any(works_out(modules()[name], names) for name, names in speaking.items()):
        return frozenset()
    return frozenset(text for name in speaking for _, text in texts(modules()[name]))


def works_out(tree: ast.Module, names: list[str]) -> bool:
    """Whether a module says a sentence by a key that is not written there."""
    nodes = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return any(node.func.id in names and node.args and not [*keys(node.args[0])] for node in nodes)


@pytest.mark.parametrize("file", FILES, ids=short)
def test_every_section_is_called_as_a_module_that_says_sentences(file: Path):
    found = {name for name in sections(file) if name != FACTS}
    assert found == {path_of(name).stem for name in speaking() if path_of(name).parent == file.parent}


def speaking() -> set[str]:
    return {name for name, tree in modules().items() if any(declared(tree))}


@pytest.mark.parametrize("file", FILES, ids=short)
def test_every_fact_that_sentences_name_has_an_example_and_reads_well_with_it(file: Path):
    examples = sections(file)[FACTS]
    named = {name for _, _, text in rows(file) for name in places(text)}
    assert set(examples) == named
    for section, key, text in rows(file):
        told = text.format(**examples)
        assert not DOUBLED.search(told.strip()), (section, key, told)
        assert not LATIN_SIGN.search(PLACES.sub("", text)), (section, key, told)


@pytest.mark.parametrize("file", FILES, ids=short)
def test_no_sentence_stands_twice_in_a_file(file: Path):
    counted = Counter(text for _, _, text in rows(file) if len(CHINESE.findall(text)) >= SENTENCE)
    assert [text for text, count in counted.items() if count > 1] == []


def test_no_sentence_stands_in_code():
    found = [
        f"{module}:{line} “{text}”"
        for module, tree in modules().items()
        for line, text in texts(tree)
        if len(CHINESE.findall(text)) >= SENTENCE and (module not in IN_CODE or SIGN.search(text))
    ]
    assert found == []
