"""XML settings files from outside, read in bounds: no document type, hence no entities; limited depth and size."""

from __future__ import annotations

import xml.parsers.expat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MOST_BYTES = 4 * 1024 * 1024
MOST_ELEMENTS = 50_000
MOST_DEPTH = 60


class XmlError(Exception):
    """Not well formed, or more than we want to read."""


@dataclass(slots=True)
class Element:
    """`children` in order; texts are not kept."""

    name: str
    attributes: Mapping[str, str]
    children: list[Element] = field(default_factory=list)

    def find(self, *path: str) -> Iterator[Element]:
        """The elements at the end of the way `path` of names."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.find(*path[1:])

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")


def parse_xml(data: bytes) -> Element:
    """The root element. Raises XmlError, for a document type too: it is what entities grow from."""
    if len(data) > MOST_BYTES:
        raise XmlError("too large")
    parser = xml.parsers.expat.ParserCreate()
    building = _Building()
    parser.StartDoctypeDeclHandler = building.refuse
    parser.EntityDeclHandler = building.refuse
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    try:
        parser.Parse(data, True)
    except (xml.parsers.expat.ExpatError, ValueError, LookupError) as error:
        raise XmlError(str(error)) from None
    if building.root is None:
        raise XmlError("empty")
    return building.root


class _Building:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def refuse(self, *_: object) -> None:
        raise XmlError("document type")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= MOST_DEPTH:
            raise XmlError("too large")
        element = Element(name, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()
