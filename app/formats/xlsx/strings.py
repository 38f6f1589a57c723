"""The table of shared strings: texts by index, and the index a text is written with."""

import re

from app.formats import guard
from app.formats.xlsx.markup import attributes_of, decode_text, unescape
from app.sheet.cell import RichText

_ITEM = re.compile(r"(?s)<(?:[\w.-]+:)?si(?:\s[^>]*?)?(?:/>|>(.*?)</(?:[\w.-]+:)?si\s*>)")
_PLAIN = re.compile(r'<t(?: xml:space="preserve")?>([^<]*)</t>')
_RUNS = re.compile(r"<(?:[\w.-]+:)?(?:r|rPh)[\s>]")
_PHONETIC = re.compile(r"(?s)<(?:[\w.-]+:)?rPh[\s>].*?</(?:[\w.-]+:)?rPh\s*>")
_TEXT = re.compile(r"(?s)<(?:[\w.-]+:)?t(?:\s[^>]*?)?(?<!/)>(.*?)</(?:[\w.-]+:)?t\s*>")
_HIDDEN = re.compile(r"(?s)<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(.*?)\]\]>")


class Strings:
    """The strings table of one workbook.

    values: by index. A text that stands there twice is written with its first index.
    """

    def __init__(self, values: list[str | RichText]) -> None:
        self.values = values
        self._indexes: dict[str | RichText, int] | None = None

    def index(self, value: str | RichText) -> int | None:
        """The index that `value` is written with; None where it is not in the table."""
        if self._indexes is None:
            self._indexes = {}
            for index, known in enumerate(self.values):
                self._indexes.setdefault(known, index)
        return self._indexes.get(value)


def read_strings(source: bytes, limit: int) -> Strings:
    """The table of a sharedStrings part; UnreadableFile where it has more than `limit` texts."""
    text = _HIDDEN.sub(_shown, decode_part(source, "sharedStrings.xml"))
    if "<!DOCTYPE" in text:
        raise guard.unsafe_xml("sharedStrings.xml")
    values: list[str | RichText] = []
    plain = _PLAIN.fullmatch
    for item in _ITEM.finditer(text):
        content = item[1] or ""
        match = plain(content)
        values.append(decode_text(unescape(match[1])) if match else item_value(content))
        if len(values) > limit:
            raise guard.too_large("different texts", limit)
    return Strings(values)


def item_value(content: str) -> str | RichText:
    """The value of an ``si`` or ``is`` element's content; rich where it has runs or phonetics."""
    shown = _PHONETIC.sub("", content)
    text = "".join(decode_text(unescape(part)) for part in _TEXT.findall(shown))
    return RichText(text, content) if _RUNS.search(content) else text


def decode_part(source: bytes, name: str) -> str:
    """A part's XML as text, in whatever encoding it says; UnreadableFile where it does not fit."""
    encoding = declared_encoding(source)
    try:
        return source.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise guard.broken(f"the letters of “{name}” cannot be decoded") from error


def declared_encoding(source: bytes) -> str:
    """The encoding of an XML part by its byte order mark or its declaration; UTF-8 by default."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if source.startswith(mark):
            return encoding
    if source[:2] == b"<\x00":
        return "utf-16-le"
    if source[:2] == b"\x00<":
        return "utf-16-be"
    if source.lstrip()[:5] == b"<?xml":
        declaration = source[: source.find(b"?>")].decode("latin-1")
        return attributes_of(declaration.partition("xml")[2]).get("encoding", "utf-8")
    return "utf-8"


def _shown(match: re.Match[str]) -> str:
    """Comments vanish; CDATA becomes escaped text."""
    cdata: str | None = match[1]
    return "" if cdata is None else cdata.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
