"""CSV and TSV files as documents of one sheet, and sheets as CSV files."""

import re
from functools import partial
from pathlib import PurePath
from typing import BinaryIO

import msgspec

from app.formats.csv.dialect import DEFAULT, TABS, decode_frame, detect, encode_frame
from app.formats.csv.encoding import detect_encoding, encode
from app.formats.csv.lines import lines
from app.formats.csv.rows import rows
from app.formats.guard import Limits
from app.sheet.document import Document, SheetSource

_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_MAX_SHEET_NAME = 31
_LINE_END_NAMES = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}


def read(file: BinaryIO, name: str, limits: Limits) -> Document:
    """The file as a document of one sheet, whose rows are read from the file as they are asked for.

    `name` is the file's own: it names the sheet, and `.tsv` hints at tabs. The file stays open as long as
    the document's rows are read. Raises UnreadableFile: here where the file as a whole is none of ours, and
    while rows are read where a limit is passed.
    """
    encoding = detect_encoding(file, limits)
    dialect = detect(file, encoding, name)
    sheet = SheetSource(
        name=sheet_name(name),
        frame=encode_frame(dialect),
        rows=partial(rows, file, dialect, limits),
    )
    report: dict[str, object] = {
        "encoding": dialect.encoding,
        "bom": dialect.bom,
        "delimiter": dialect.delimiter,
        "quoting": dialect.quoting,
        "line_ends": _LINE_END_NAMES[dialect.line_end],
        "lines": encoding.lines,
        "columns": dialect.width,
        "bytes": encoding.size,
    }
    return Document(format="csv", sheets=(sheet,), report=report)


def write_sheet(sheet: SheetSource, out: BinaryIO, *, tabs: bool | None = None) -> None:
    """Write one sheet: in its file's own dialect where it came as CSV, else as UTF-8 with commas and CRLF.

    tabs: whether fields are to be divided by tabs; where the file has it otherwise, the sheet is written as
    one that did not come as CSV. None: as the file has it.

    A formula gives its computed value, or its text where it has none yet. Where an edit brought a character
    that the file's encoding has no bytes for, the whole file is written as UTF-8 with a byte order mark:
    nothing typed is lost, and spreadsheet programs know the encoding by the mark.
    """
    dialect = decode_frame(sheet.frame)
    if tabs is not None and dialect and (dialect.delimiter == "\t") != tabs:
        sheet, dialect = msgspec.structs.replace(sheet, frame=b""), None
    if dialect is None:
        width = max((row.columns[-1] + 1 for _, row in sheet.rows() if row.columns), default=0)
        dialect = (TABS if tabs else DEFAULT).with_width(width)
    elif sheet.edited and not _is_encodable(sheet, dialect.encoding):
        dialect = dialect.in_utf8()
    out.write(dialect.mark)
    for text in lines(sheet, dialect):
        out.write(encode(text, dialect.encoding))


def sheet_name(file_name: str) -> str:
    """What the one sheet of a file is called: as the file, so far as a sheet can be."""
    stem = PurePath(file_name.replace("\\", "/")).stem
    return _NOT_IN_SHEET_NAMES.sub("", stem)[:_MAX_SHEET_NAME].strip().strip("'") or "Sheet1"


def _is_encodable(sheet: SheetSource, encoding: str) -> bool:
    dialect = decode_frame(sheet.frame) or DEFAULT
    try:
        for text in lines(sheet, dialect):
            encode(text, encoding)
    except UnicodeEncodeError:
        return False
    return True
