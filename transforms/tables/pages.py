"""Tables by the others of their file: pages (续表) apart from what they go on with, comparisons of a form that is there."""

from dataclasses import replace

from transforms.tables.continuing import continuation, may_continue, number_of_page, says_it_goes_on
from transforms.tables.recognition import Recognition
from transforms.tidy import Part

Tables = list[list[Part]]


def with_their_pages(tables: Tables) -> Tables:
    """The tables of a file, pages that say that they go on joined to the one table that they fit, wherever they stand."""
    apart = [parts for parts in tables if _is_a_page(parts)]
    whole = [parts for parts in tables if not _is_a_page(parts)]
    if not apart or not whole:
        return [_in_order(parts) for parts in tables]
    owners = {id(parts): _owner(parts, whole) for parts in apart}
    joined: dict[int, list[Part]] = {}
    for parts in apart:
        if owner := owners[id(parts)]:
            joined.setdefault(id(owner[0]), []).extend(owner[1])
    return [_in_order([*parts, *joined.get(id(parts), [])]) for parts in tables if not owners.get(id(parts))]


def comparisons_aside(tables: Tables) -> Tables:
    """The tables of a file, those that set a form beside the year before being set aside where another one has the form."""
    return [_aside(parts) if _is_elsewhere(parts[0], tables) else parts for parts in tables]


def _is_elsewhere(part: Part, tables: Tables) -> bool:
    _, recognition, declared = part
    return recognition.compares and any(
        other.form is recognition.form and not other.compares and said.may_be_of_body(declared)
        for _, other, said in (parts[0] for parts in tables)
    )


def _aside(parts: list[Part]) -> list[Part]:
    told = "a comparison of what another table gives"
    return [(block, replace(known, form=None, unused=told), said) for block, known, said in parts]


def _in_order(parts: list[Part]) -> list[Part]:
    """A table's pages by their numbers, if each says its own; as they stand in the file otherwise."""
    numbers = [number_of_page(block) for block, _, _ in parts[1:]]
    if 0 in numbers or len(set(numbers)) < len(numbers):
        return parts
    return [parts[0], *sorted(parts[1:], key=lambda part: number_of_page(part[0]))]


def _is_a_page(parts: list[Part]) -> bool:
    block, recognition, _ = parts[0]
    return not recognition.unused and bool(block.data) and says_it_goes_on(block)


def _owner(pages: list[Part], whole: Tables) -> tuple[list[Part], list[Part]] | None:
    """The one table that pages go on with, and the pages as parts of it; None where none or several fit."""
    found = [(parts, fitted) for parts in whole if (fitted := _as_parts(pages, parts))]
    return found[0] if len(found) == 1 else None


def _as_parts(pages: list[Part], table: list[Part]) -> list[Part]:
    """Pages read as more of a table, if each may be."""
    last, known, declared = table[-1]
    if len(pages) > 1 and not all(number_of_page(block) for block, _, _ in pages):
        return []  # nobody can say which of them comes first
    fitted = []
    for block, recognition, said in pages:
        title = recognition.form.form if recognition.form else ""
        fits = may_continue(block, (last, known), title) and said.may_be_of_body(declared)
        more: Recognition | None = continuation(block, (last, known)) if fits else None
        if more is None:
            return []
        fitted.append((block, replace(more, taken=known.taken), said))
    return fitted
