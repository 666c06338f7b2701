"""XML elements as Word writes them, by their local names: two editions of the format differ in namespaces only."""

from collections.abc import Iterator
from typing import Protocol


class Element(Protocol):
    """What is asked of a parsed element, whichever library parsed it."""

    tag: str
    text: str | None

    def __iter__(self) -> Iterator["Element"]: ...

    def items(self) -> list[tuple[str, str]]: ...


def local(element: Element) -> str:
    """The element's name without its namespace; '' for comments and processing instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The direct children of a name."""
    return (each for each in element if local(each) == name) if element is not None else iter(())


def child(element: Element | None, name: str) -> Element | None:
    """The first direct child of a name."""
    return next(children(element, name), None)


def value(element: Element | None, name: str) -> str:
    """An attribute by its local name, '' where there is none."""
    if element is None:
        return ""
    return next((text for key, text in element.items() if key.rpartition("}")[2] == name), "")


def is_on(properties: Element | None, name: str) -> bool:
    """Whether a property such as hidden text is set: there, and not switched off."""
    found = child(properties, name)
    return found is not None and value(found, "val") not in ("0", "false", "none", "off")
