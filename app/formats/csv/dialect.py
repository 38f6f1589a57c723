"""How a CSV file is written: delimiter, quoting, line ends, width."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import BinaryIO, Literal

import msgspec

from app.formats.csv.encoding import MARKS, Encoding, pieces
from app.formats.csv.fields import is_number_text, spans

Quoting = Literal["minimal", "all", "text"]
"""minimal: where a field needs it. all: every field. text: every field that is no number."""

_MAGIC = b"csv\x01"
"""Says what a frame is and, in its last byte, which version of its layout."""

_DELIMITERS = ",;\t|"
_SAMPLE = 2**18
_SAMPLE_RECORDS = 1_000
_LINE_END = re.compile(r"\r\n|\n|\r")
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)
"""A first line that tells Excel the delimiter."""


class Dialect(msgspec.Struct, frozen=True, array_like=True):
    """How a file is written.

    encoding: the codec's name. bom: whether its byte order mark leads. width: the usual number of fields
    in a record. quoted_empty: whether an empty field is written as two quotation marks.
    """

    encoding: str = "utf-8"
    bom: bool = False
    delimiter: str = ","
    line_end: str = "\r\n"
    quoting: Quoting = "minimal"
    quoted_empty: bool = False
    width: int = 0

    @property
    def mark(self) -> bytes:
        """The bytes the file begins with."""
        return MARKS[self.encoding] if self.bom else b""

    def with_width(self, width: int) -> "Dialect":
        """The same dialect with another number of fields."""
        return msgspec.structs.replace(self, width=width)

    def in_utf8(self) -> "Dialect":
        """The same dialect in UTF-8 with a byte order mark."""
        return msgspec.structs.replace(self, encoding="utf-8", bom=True)


DEFAULT = Dialect()
"""RFC 4180 in UTF-8: what a sheet that came from elsewhere is written in."""
TABS = Dialect(delimiter="\t")
"""The same with tabs."""

_DECODER = msgspec.msgpack.Decoder(Dialect)


def encode_frame(dialect: Dialect) -> bytes:
    """The frame of a sheet whose file is written so: ``csv``, a version byte, the dialect in msgpack."""
    return _MAGIC + msgspec.msgpack.encode(dialect)


def decode_frame(frame: bytes) -> Dialect | None:
    """The dialect a frame holds; None where the frame is another format's."""
    return _DECODER.decode(frame[len(_MAGIC) :]) if frame.startswith(_MAGIC) else None


def detect(file: BinaryIO, encoding: Encoding, name: str) -> Dialect:
    """How the file is written, from its beginning; `name` decides where the text alone does not."""
    mark = MARKS[encoding.name] if encoding.bom else b""
    text = "".join(islice(pieces(file, encoding.name, mark), 5))[:_SAMPLE]
    line_end = _line_end(text)
    lines = [line + "\n" for line in _LINE_END.split(text)]
    if len(lines) > 1:
        lines.pop()  # cut off, or nothing
    delimiter = _delimiter(lines, name)
    records = _records(lines, delimiter)
    quoting, quoted_empty = _quoting(lines, delimiter)
    return Dialect(
        encoding=encoding.name,
        bom=encoding.bom,
        delimiter=delimiter,
        line_end=line_end,
        quoting=quoting,
        quoted_empty=quoted_empty,
        width=_usual_width(records)[0],
    )


def _line_end(text: str) -> str:
    """The most frequent one; a carriage return at the cut may be half of one."""
    counts = Counter(_LINE_END.findall(text.removesuffix("\r") if len(text) == _SAMPLE else text))
    return counts.most_common(1)[0][0] if counts else "\n"


def _records(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        for record in islice(csv.reader(lines, delimiter=delimiter), _SAMPLE_RECORDS):
            records.append(record)
    except csv.Error:
        pass  # a field past the csv module's limit: what came before has to do
    return records


def _usual_width(records: Sequence[Sequence[str]]) -> tuple[int, float]:
    """The most frequent number of fields, and the share of the records that have it."""
    counts = Counter(len(record) for record in records if record)
    if not counts:
        return 1, 0.0
    width, number = max(counts.items(), key=lambda item: (item[1], item[0]))
    return width, number / counts.total()


def _delimiter(lines: Sequence[str], name: str) -> str:
    """The delimiter that splits most records into the same number of fields, two or more.

    A little unevenness outweighs many more fields, and the other way round for a little more of them.
    """
    if lines and (hint := _SEPARATOR_LINE.fullmatch(lines[0].strip("\n"))):
        return hint[1]
    usual = "\t" if name.lower().endswith((".tsv", ".tab")) else ","
    best, best_score = usual, 0.0
    for delimiter in dict.fromkeys(usual + _DELIMITERS):
        width, share = _usual_width(_records(lines, delimiter))
        score = share**2 * (1 - 1 / width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _quoting(lines: Sequence[str], delimiter: str) -> tuple[Quoting, bool]:
    quoted: Counter[str] = Counter()
    bare: Counter[str] = Counter()
    for line in lines[:_SAMPLE_RECORDS]:
        if line == "\n":
            continue
        for span in spans(line.removesuffix("\n"), delimiter):
            is_quoted = span.startswith('"')
            text = span.strip('"') if is_quoted else span
            if delimiter in text:
                continue  # quoted because it must be
            kind = "empty" if not text else "number" if is_number_text(text) else "text"
            (quoted if is_quoted else bare)[kind] += 1
    quoting: Quoting = "minimal"
    if quoted["text"] > bare["text"]:
        quoting = "text" if bare["number"] > quoted["number"] else "all"
    elif quoted["number"] > bare["number"] and not bare["text"]:
        quoting = "all"
    counted_empty = quoted["empty"] + bare["empty"]
    quoted_empty = quoted["empty"] > bare["empty"] if counted_empty else quoting == "all"
    return quoting, quoted_empty
