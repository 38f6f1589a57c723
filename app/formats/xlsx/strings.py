"""The table of shared strings: texts by index, and the index a text is written with."""

import re
from collections.abc import Iterable
from typing import Any

from app.formats import guard
from app.formats.xlsx.markup import attributes_of, decode_text, unescape, without_hidden
from app.sheet.cell import RichText

# A failed match stops at the next element of the same name, so hostile tables take no longer than real ones.
_ITEM = re.compile(
    r'<((?:[\w.-]+:)?)si(?:/>|><\1t(?: xml:space="preserve")?>([^<]*+)</\1t></\1si>'
    r"|(?:\s[^<>]*+(?<!/))?>((?>(?:[^<]++|<(?!/?\1si[\s>/]))*))</\1si\s*>|\s[^<>]*+>)"
)
_END = re.compile(r"(?:</(?:[\w.-]+:)?sst\s*|<(?:[\w.-]+:)?sst(?:\s[^<>]*)?/)>")
# Python knows codecs that are no encodings of XML, and some that are slow on hostile text.
_ENCODINGS = re.compile(
    r"(?i)utf-?(?:8|16)(?:-?(?:le|be|sig))?|(?:us-)?ascii|iso-?8859-[0-9]{1,2}|(?:windows-|cp)125[0-9]"
    r"|shift_jis|euc-(?:jp|kr)|gbk|gb2312|gb18030|big5|koi8-[ru]"
)
_RUNS = re.compile(r"<(?:[\w.-]+:)?(?:r|rPh)[\s>]")
_PHONETIC = re.compile(r"<((?:[\w.-]+:)?)rPh[\s>](?>(?:[^<]++|<(?!/?\1rPh[\s>]))*)</\1rPh\s*>")
_TEXT = re.compile(r"<(?:[\w.-]+:)?t(?:\s[^<>]*+)?(?<!/)>([^<]*+)</(?:[\w.-]+:)?t\s*>")


class Strings:
    """The strings table of one workbook.

    values: by index. A text that stands there twice is written with its first index.
    """

    def __init__(self, values: list[str | RichText]) -> None:
        self.values = values
        self._indexes: dict[str | RichText, int] | None = None

    def index(self, value: str | RichText) -> int | None:
        """The index that `value` is written with; None where it is not in the table."""
        return self._places().get(value)

    def indexes(self, values: Iterable[Any]) -> list[int] | None:
        """The index of each value; None where one is not in the table."""
        try:
            return list(map(self._places().__getitem__, values))
        except KeyError:
            return None

    @property
    def are_distinct(self) -> bool:
        """Whether no text stands there twice."""
        return len(self._places()) == len(self.values)

    def _places(self) -> dict[str | RichText, int]:
        if self._indexes is None:
            self._indexes = {}
            for index, known in enumerate(self.values):
                self._indexes.setdefault(known, index)
        return self._indexes


def read_strings(source: bytes, limit: int) -> Strings:
    """The table of a sharedStrings part; UnreadableFile where it has more than `limit` texts."""
    text = decode_part(source, "sharedStrings.xml")
    if "<!" in text or "<?" in text[2:]:
        if "<!DOCTYPE" in text:
            raise guard.unsafe_xml("sharedStrings.xml")
        text = without_hidden(text)
    if text and not text.isspace() and not _END.search(text):
        raise guard.broken("“sharedStrings.xml” ends too early")
    values: list[str | RichText] = []
    for item in _ITEM.finditer(text):
        plain = item[2]
        values.append(item_value(item[3] or "") if plain is None else decode_text(unescape(plain)))
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
    if not _ENCODINGS.fullmatch(encoding):
        raise guard.broken(f"“{name}” is in an encoding that is not known")
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
