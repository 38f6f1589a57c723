"""A small XML part as source: its elements with their places, and splices that leave all else as it is."""

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

import msgspec

from app.formats import guard
from app.formats.guard import DEFAULTS
from app.formats.xlsx.markup import escape_attribute, local
from app.formats.xlsx.strings import declared_encoding, decode_part

_TAG_END = re.compile(rb"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")


class Element(msgspec.Struct):
    """An element by the names its source writes, prefixes and all; what text it holds is not kept.

    start, end: where its source is. opened: where its start tag ends. closing: where its end tag starts,
    which is `opened` where one tag is the whole. An element that is to be written has no place yet.
    """

    name: str
    attributes: dict[str, str] = {}
    children: list["Element"] = []
    start: int = 0
    opened: int = 0
    closing: int = 0
    end: int = 0

    @property
    def prefix(self) -> str:
        """What its name begins with, colon included; empty where it has no prefix."""
        return self.name[: self.name.find(":") + 1]

    def all(self, name: str) -> list["Element"]:
        """The children of a local name."""
        return [child for child in self.children if local(child.name) == name]

    def first(self, name: str) -> "Element | None":
        """The first child of a local name."""
        return next((child for child in self.children if local(child.name) == name), None)

    def within(self, name: str) -> Iterator["Element"]:
        """Every element of a local name at any depth below, such as inside ``mc:AlternateContent``."""
        for child in self.children:
            if local(child.name) == name:
                yield child
            yield from child.within(name)

    def get(self, name: str, default: str = "") -> str:
        """An attribute by its local name, whatever namespace it stands in."""
        if name in self.attributes:
            return self.attributes[name]
        return next((value for key, value in self.attributes.items() if local(key) == name), default)

    def number(self, name: str, default: int = 0) -> int:
        """An attribute that is a whole number; the default where it is none."""
        text = self.get(name)
        return int(text) if text.isascii() and text.isdigit() else default

    def source(self) -> str:
        """The element written anew."""
        said = (f' {name}="{escape_attribute(value)}"' for name, value in self.attributes.items())
        tag = self.name + "".join(said)
        if not self.children:
            return f"<{tag}/>"
        return f"<{tag}>{''.join(child.source() for child in self.children)}</{self.name}>"


class PartSource:
    """A part of a package that is changed by splices; what they do not touch stays byte for byte."""

    def __init__(self, part: bytes, name: str) -> None:
        """Raises UnreadableFile ("unsafe-xml", "broken", "too-large") where the part cannot be read."""
        self._part = part
        self._source = decode_part(part, name).encode()
        self._splices: list[tuple[int, int, bytes]] = []
        self._tags: dict[int, tuple[Element, bytes]] = {}
        self._filled: dict[int, tuple[Element, list[str]]] = {}
        self.root = _Tree(self._source, name).root

    def raw(self, element: Element) -> str:
        """The source of an element as it was read."""
        return self._source[element.start : element.end].decode()

    def set(self, element: Element, name: str, value: str) -> None:
        """Give an attribute of an element a value; the name is the local one of one that it has already."""
        tag = self._tag(element)
        written = next((key for key in element.attributes if local(key) == name), None)
        said = f'"{escape_attribute(value)}"'.encode()
        if written is None:
            at = len(element.name.encode()) + 1
            tag = tag[:at] + f" {name}=".encode() + said + tag[at:]
        else:
            pattern = rb"""(?<=\s)(%s\s*=\s*)(?:"[^"]*"|'[^']*')""" % re.escape(written.encode())
            tag = re.sub(pattern, lambda match: match[1] + said, tag, count=1)
        element.attributes[written or name] = value
        self._tags[element.start] = element, tag

    def append(self, parent: Element, source: str) -> None:
        """Put source behind the last child of an element."""
        if parent.opened == parent.end:
            self._filled.setdefault(parent.start, (parent, []))[1].append(source)
        else:
            at = parent.children[-1].end if parent.children else parent.opened
            self._splices.append((at, at, source.encode()))

    def insert(self, parent: Element, before: Element | None, source: str) -> None:
        """Put source before a child of an element; behind its last one where there is none."""
        if before is None:
            self.append(parent, source)
        else:
            self._splices.append((before.start, before.start, source.encode()))

    def remove(self, element: Element) -> None:
        """Cut an element out, with the white space before it."""
        start = len(self._source[: element.start].rstrip(b" \t\r\n"))
        self._splices.append((start, element.end, b""))

    def reorder(self, elements: list[Element]) -> None:
        """Let elements that stand one after another stand in this order; what is between them stays."""
        places = sorted((element.start, element.end) for element in elements)
        for (start, end), element in zip(places, elements, strict=True):
            self._splices.append((start, end, self._source[element.start : element.end]))

    def part(self) -> bytes:
        """The part with all splices made, in the encoding it came in; the very same where there is none."""
        for element, sources in self._filled.values():
            opened = self._tag(element)[:-2].rstrip().decode() + ">"
            whole = f"{opened}{''.join(sources)}</{element.name}>"
            self._tags[element.start] = element, whole.encode()
        self._filled.clear()
        splices = self._splices + [
            (element.start, element.opened, tag) for element, tag in self._tags.values()
        ]
        if not splices:
            return self._part
        pieces, at = [], 0
        for start, end, source in sorted(splices, key=lambda splice: splice[:2]):
            pieces += [self._source[at:start], source]
            at = end
        spliced = b"".join([*pieces, self._source[at:]]).decode()
        if self._part.startswith(b"\xfe\xff"):  # "utf-16" alone would turn its bytes around
            return b"\xfe\xff" + spliced.encode("utf-16-be")
        return spliced.encode(declared_encoding(self._part))

    def _tag(self, element: Element) -> bytes:
        """An element's start tag as it is by now."""
        known = self._tags.get(element.start)
        return known[1] if known else self._source[element.start : element.opened]


class _Tree:
    """The elements of a source, as expat meets them."""

    def __init__(self, source: bytes, name: str) -> None:
        if len(source) > DEFAULTS.parsed_bytes:
            raise guard.too_large(f"bytes in “{name}”", DEFAULTS.parsed_bytes)
        self._source = source
        self._name = name
        self._open = [Element("", children=[])]
        self._elements = 0
        # The source is UTF-8 by now, whatever its declaration says.
        self._parser: Any = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        try:
            self._parser.Parse(source, True)
        except expat.ExpatError as error:
            raise guard.broken(f"“{name}” is not well-formed XML") from error
        self.root = self._open[0].children[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > DEFAULTS.elements:
            raise guard.too_large(f"elements in “{self._name}”", DEFAULTS.elements)
        if len(self._open) > DEFAULTS.depth:
            raise guard.too_large(f"levels in “{self._name}”", DEFAULTS.depth)
        start = self._parser.CurrentByteIndex
        match = _TAG_END.match(self._source, start)
        opened = match.end() if match else start
        element = Element(name, attributes, [], start, opened)
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if self._source[element.opened - 2 : element.opened] == b"/>":
            element.closing = element.end = element.opened
        else:
            element.closing = self._parser.CurrentByteIndex
            element.end = self._source.index(b">", element.closing) + 1

    def _doctype(self, *_: object) -> None:
        raise guard.unsafe_xml(self._name)
