"""XML as text: escapes both ways, attributes of a tag, and small parts parsed safely."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from app.formats import guard
from app.formats.guard import DEFAULTS, Limits

_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
# Every pattern here is linear in hostile text too: a failed match never scans past the next possible start.
_ATTRIBUTE = re.compile(r"""(?:^|(?<=\s))([^\s=]++)\s*=\s*(?:"([^"]*+)"|'([^']*+)')""")
_PLAIN_ATTRIBUTES = re.compile(r"""(?>(?:\s+[\w:.-]+=(?:"[^"<&]*"|'[^'<&]*'))*)\s*""")
_HIDDEN = (
    r"(?s)<!--(?>(?:[^-]++|-(?!-))*)-->|<\?(?!xml\s)[^?>]{0,10000}+\?>"
    r"|<!\[CDATA\[((?>(?:[^\]<]++|\](?!\]>)|<(?!!\[CDATA\[))*))\]\]>"
)
_HIDDEN_TEXT, _HIDDEN_BYTES = re.compile(_HIDDEN), re.compile(_HIDDEN.encode())


def unescape(source: str) -> str:
    """The text that XML source between two tags stands for: entities and line ends resolved."""
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    return _ENTITY.sub(_entity, source) if "&" in source else source


def without_hidden(source: str) -> str:
    """XML source without comments and instructions, its CDATA as escaped text."""
    return _HIDDEN_TEXT.sub(lambda match: escape(match[1] or ""), source)


def blank_hidden(source: bytes) -> bytes:
    """XML source with spaces where comments, instructions and CDATA stand."""
    return _HIDDEN_BYTES.sub(lambda match: b" " * len(match[0]), source) if b"<!" in source else source


def cut_hidden(source: bytes) -> bytes:
    """XML source with comments, instructions and CDATA cut out."""
    return _HIDDEN_BYTES.sub(b"", source)


def escape(text: str) -> str:
    """Text as XML source between two tags."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text


def escape_attribute(text: str) -> str:
    """Text as XML source between double quotes."""
    return (
        escape(text)
        .replace('"', "&quot;")
        .replace("\n", "&#10;")
        .replace("\r", "&#13;")
        .replace("\t", "&#9;")
    )


def decode_text(text: str) -> str:
    """What a person reads where a file's text has ``_xHHHH_`` escapes (ECMA-376-1 §22.4.2.4, ST_Xstring)."""
    if "_x" not in text:
        return text
    decoded = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if any("\ud800" <= letter <= "\udfff" for letter in decoded):
        return decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return decoded


def encode_text(text: str) -> str:
    """The ``_xHHHH_`` form of text: what XML cannot hold, and what would be taken for an escape."""
    return _TO_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def needs_preserve(text: str) -> bool:
    """Whether a text element must say ``xml:space="preserve"`` to keep its white space."""
    return text != text.strip(" \t\n\r") or "\n" in text or "\t" in text


def attributes_of(source: str) -> dict[str, str]:
    """The attributes in a tag's source, by name as written, in order."""
    return {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(source)}


@lru_cache(maxsize=4096)
def are_plain(attributes: str) -> bool:
    """Whether a tag's source after its name is well-formed attributes without references."""
    return _PLAIN_ATTRIBUTES.fullmatch(attributes) is not None


@lru_cache(maxsize=4096)
def local(name: str) -> str:
    """A name without its namespace or prefix."""
    return name.rpartition("}")[2].rpartition(":")[2]


def parse(data: bytes, part: str, limits: Limits = DEFAULTS) -> Element:
    """The tree of a small part named `part`; UnreadableFile ("unsafe-xml", "broken", "too-large")."""
    if len(data) > limits.parsed_bytes:
        raise guard.too_large(f"bytes in “{part}”", limits.parsed_bytes)
    parser = DefusedXMLParser(target=_LimitedTree(part, limits), forbid_dtd=True)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except guard.UnreadableFile:
        raise
    except DefusedXmlException as error:
        raise guard.unsafe_xml(part) from error
    except (ParseError, ValueError, LookupError) as error:
        raise guard.broken(f"“{part}” is not well-formed XML") from error
    return root


def check(pieces: Iterable[bytes], part: str, limits: Limits) -> None:
    """Raise UnreadableFile ("broken", "too-large") where the pieces are no well-formed XML, or too deep."""
    depth = 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > limits.depth:
            raise guard.too_large(f"levels in “{part}”", limits.depth)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        for piece in pieces:
            parser.Parse(piece)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise guard.broken(f"“{part}” is not well-formed XML") from error


def whole(text: str | None) -> int | None:
    """The number a text of up to nine digits is; None where it is no such text."""
    return int(text) if text and len(text) <= 9 and text.isascii() and text.isdigit() else None


def attribute(element: Element, name: str) -> str | None:
    """An attribute by its local name, whatever namespace it stands in."""
    found = element.get(name)
    if found is not None:
        return found
    return next((value for key, value in element.attrib.items() if local(key) == name), None)


def children(element: Element, name: str) -> list[Element]:
    """The child elements of a local name."""
    return [child for child in element if isinstance(child.tag, str) and local(child.tag) == name]


def child(element: Element, *path: str) -> Element | None:
    """The first element at a path of local names below an element."""
    found: Element | None = element
    for name in path:
        if found is None:
            return None
        found = next(iter(children(found, name)), None)
    return found


class _LimitedTree(TreeBuilder):
    """Builds a tree of so many elements, so deep, and no more: each takes many times its source's bytes."""

    def __init__(self, part: str, limits: Limits) -> None:
        super().__init__()
        self._part, self._limits = part, limits
        self._elements = self._depth = 0

    def start(self, tag: str, attributes: dict[Any, Any]) -> Element:
        self._elements += 1
        self._depth += 1
        if self._elements > self._limits.elements:
            raise guard.too_large(f"elements in “{self._part}”", self._limits.elements)
        if self._depth > self._limits.depth:
            raise guard.too_large(f"levels in “{self._part}”", self._limits.depth)
        return super().start(tag, attributes)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag)


def _entity(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3]]
    code = int(match[1]) if match[1] else int(match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]
