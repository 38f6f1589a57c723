"""What is done to whole files: each function damages one in its own way, by chance of the generator's."""

import re
import zipfile
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from bench.fuzz import bases

_TOKEN = re.compile(rb"<[^<>]*>|[^<>]+")
_VALUE = re.compile(rb'(?<=")[^"<>]*(?=")|(?<=>)[^<>]+(?=<)')
_VALUES = (
    b"", b"0", b"-1", b"1", b"00", b"65536", b"1048576", b"1048577", b"4294967296", b"9" * 25, b"9" * 5000,
    b"1e400", b"NaN", b"-inf", b"1_0", b"\xd9\xa1", b" 1 ", b"A0", b"XFD1048576", b"XFE1", b"ZZZZ9", b"B2:A1",
    b"A1:XFD1048576", b"$A$1", b"true", b"../../../x", b"/xl/workbook.xml", b"\\xl\\workbook.xml", b"#REF!",
    b"_xD800_", b"&#0;", b"&#x110000;", b"&amp;", b"%41", b"\xff", b"\x00", b"\x01", b"s", b"b", b"d", b"e",
    b"shared", b"array", b"dataTable", b"inlineStr", b"[h]:mm:ss.000", b"0.0E+0;;;@", b"[$-409]d",
    b"UTF-16", b"cp037", b"rot13", b"zip",
)  # fmt: skip
_PIECES = (
    b"<", b">", b"&", b'"', b"]]>", b"<![CDATA[", b"<![CDATA[]]>", b"<!--", b"-->", b"<!-- x -->", b"<?a",
    b"<?a b?>", b"<c/>", b'<c r="A1">', b"</c>", b'<row r="1">', b"</row>", b"<row/>", b"<sheetData>",
    b"</sheetData>", b"<sheetData/>", b"<v/>", b"<f/>", b'<f t="shared" si="0"/>', b"<is><t/></is>", b"<si/>",
    b'<f t="array" ref="A1:XFD1048576">1</f>', b"<!DOCTYPE a>", b'<!DOCTYPE a [<!ENTITY b "c">]>', b"&b;",
    b"\xef\xbb\xbf", b"\xfe\xff", b"\x00", b"\x01", b" " * 5000, b"<a>" * 300, b"<c r='B1'><v>1</v></c>",
    b'<x:c r="A1"><v>1</v></x:c>', b"<mc:AlternateContent><mc:Choice/></mc:AlternateContent>", b"<extLst/>",
)  # fmt: skip
_MARKS = (
    b'"', b"'", b"\r", b"\n", b"\r\n", b",", b";", b"\t", b"\x00", b"\x1a", b"\xff", b"\xef\xbb\xbf",
    b"," * 20_000, b"x" * 40_000,
)  # fmt: skip
_FIELDS = (
    b"\x00\x00", b"\xff\xff", b"\x01\x00", b"\x08\x00", b"\x63\x00", b"\x00\x80", b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x80",
)  # fmt: skip
_HEADER = re.compile(rb"PK(?:\x01\x02|\x03\x04|\x05\x06|\x06\x06|\x06\x07|\x07\x08)")
_HEADER_SIZE = 46


class Case(NamedTuple):
    """A damaged file, its name, and how it was made."""

    name: str
    file: bytes
    how: str


def case(number: int) -> Case:
    """The damaged file of a number: the same every time."""
    random = Random(number)  # noqa: S311 — chosen for variety, not secrecy
    if random.random() < 0.25:
        text = random.choice(bases.texts())
        damage = random.choice((flipped, cut, spliced, in_text))
        return Case(random.choice(("a.csv", "a.tsv", "a.txt")), damage(text, random), damage.__name__)
    if random.random() < 0.6:
        return Case("a.xlsx", _with_damaged_parts(random), "parts")
    method = random.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    file = bases.packed(random.choice(bases.packages()), method)
    damage = random.choice((flipped, cut, spliced, header_lies))
    return Case("a.xlsx", damage(file, random), damage.__name__)


def flipped(file: bytes, random: Random) -> bytes:
    """Some bits turned over."""
    damaged = bytearray(file)
    for _ in range(random.choice((1, 1, 2, 5, 50))):
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def cut(file: bytes, random: Random) -> bytes:
    """The end, or a piece, missing."""
    start = random.randrange(len(file))
    return (
        file[:start] if random.random() < 0.7 else file[:start] + file[random.randrange(start, len(file)) :]
    )


def spliced(file: bytes, random: Random) -> bytes:
    """A piece of the file, or of nothing in particular, in another place."""
    start, at = random.randrange(len(file)), random.randrange(len(file))
    piece = file[start : start + random.randrange(1, 200)] if random.random() < 0.7 else random.randbytes(50)
    return file[:at] + piece + file[at + random.choice((0, len(piece))) :]


def header_lies(file: bytes, random: Random) -> bytes:
    """Sizes, offsets, flags, methods and names in a zip file's headers that are not so."""
    damaged = bytearray(file)
    for _ in range(random.choice((1, 1, 3))):
        header = random.choice(list(_HEADER.finditer(file)))
        at = header.start() + random.randrange(4, _HEADER_SIZE)
        field = random.choice(_FIELDS)
        damaged[at : at + len(field)] = field
    return bytes(damaged[: len(file)])


def in_text(file: bytes, random: Random) -> bytes:
    """Quotation marks, line ends, controls and marks of encodings where there were none."""
    for _ in range(random.choice((1, 3, 10))):
        at = random.randrange(len(file) + 1)
        piece = random.choice(_MARKS)
        file = file[:at] + piece + file[at:]
    return file


def _with_damaged_parts(random: Random) -> bytes:
    """A package with some of its parts damaged inside, and now and then its names."""
    members = dict(random.choice(bases.packages()))
    for _ in range(random.choice((1, 1, 2, 4))):
        name = random.choice(list(members))
        # Half of the time a worksheet: that is where there is most to read.
        if random.random() < 0.5:
            name = "xl/worksheets/sheet1.xml"
        members[name] = random.choice(_IN_XML)(members.get(name, b""), random)
    if random.random() < 0.1:
        name = random.choice(list(members))
        content = members.pop(name)
        if random.random() < 0.5:
            members[random.choice((name.upper(), name.replace("/", "\\"), "/" + name, "../" + name))] = (
                content
            )
    return bases.packed(members)


def _value(part: bytes, random: Random) -> bytes:
    """An attribute or text with a value at the edge of what there is, or past it."""
    found = list(_VALUE.finditer(part))
    if not found:
        return part
    match = random.choice(found)
    return part[: match.start()] + random.choice(_VALUES) + part[match.end() :]


def _piece(part: bytes, random: Random) -> bytes:
    """Something between tags that does not belong there."""
    ends = [match.end() for match in _TOKEN.finditer(part)] or [0]
    at = random.choice(ends)
    return part[:at] + random.choice(_PIECES) + part[at:]


def _tokens(part: bytes, random: Random) -> bytes:
    """A tag or text gone, twice, or in another's place."""
    tokens = _TOKEN.findall(part) or [part]
    one, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    what = random.randrange(3)
    if what == 0:
        del tokens[one]
    elif what == 1:
        tokens.insert(other, tokens[one])
    else:
        tokens[one], tokens[other] = tokens[other], tokens[one]
    return b"".join(tokens)


def _bytes(part: bytes, random: Random) -> bytes:
    """Damage that knows nothing of XML."""
    return random.choice((flipped, cut, spliced))(part, random) if part else part


_IN_XML: tuple[Callable[[bytes, Random], bytes], ...] = (
    *[_value] * 3,
    *[_piece] * 2,
    _tokens,
    _bytes,
)
