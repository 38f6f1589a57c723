"""Which format a file is in, told by its content, and the reader for it."""

import struct
import zipfile
import zlib
from typing import BinaryIO, Literal, TypeAlias

from app.formats import by_value, guard, json_rows, ole2, parquet
from app.formats.csv import document as csv
from app.formats.guard import Limits
from app.formats.xlsx import reader
from app.sheet.document import Document

Format: TypeAlias = Literal["xlsx", "xls", "xlsb", "ods", "csv", "parquet", "jsonl"]

_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x7fELF",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"SQLite format 3",
    b"{\\rtf",
)
_SAMPLE = 8192
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def sniff(file: BinaryIO, filename: str) -> Format:
    """The format of a seekable file, whatever its name says; the file is left at its start.

    Raises UnreadableFile: "empty", "encrypted", "unsupported-format", "not-a-spreadsheet".
    """
    file.seek(0)
    start = file.read(_SAMPLE)
    if not start:
        raise guard.empty()
    if start.startswith(ole2.MAGIC):
        ole2.check(file)
        file.seek(0)
        return "xls"
    file.seek(0)
    if start.startswith(_ZIP):
        return _package(file)
    if start.startswith(parquet.MAGIC):
        return "parquet"
    if start.startswith(parquet.ENCRYPTED_MAGIC):
        raise guard.encrypted()
    if start.startswith(_OTHERS) or _is_markup(start) or _is_binary(start):
        raise guard.not_a_spreadsheet()
    if filename.lower().endswith((".xlsx", ".xlsm", ".xltx", ".xltm")):
        raise guard.not_a_spreadsheet()
    if filename.lower().endswith((".jsonl", ".ndjson", ".json")):
        return _json(start)
    return "csv"


def read(file: BinaryIO, filename: str, limits: Limits) -> Document:
    """The document a seekable file holds; it must stay open while the document is read.

    Raises UnreadableFile.
    """
    file.seek(0, 2)
    if file.tell() > limits.upload_bytes:
        raise guard.too_large("bytes", limits.upload_bytes)
    match format := sniff(file, filename):
        case "xlsx":
            return reader.read(file, limits, whole=True)
        case "xls" | "xlsb" | "ods":
            return by_value.read(file, format, limits)
        case "parquet":
            return parquet.read(file, csv.sheet_name(filename), limits)
        case "jsonl":
            return json_rows.read(file, csv.sheet_name(filename), limits)
    return csv.read(file, filename, limits)


def _package(file: BinaryIO) -> Literal["xlsx", "xlsb", "ods"]:
    """What a zip file is by its members' names; the reader says what is wrong with one that has none."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
            if "xl/workbook.bin" in names and "xl/workbook.xml" not in names:
                return "xlsb"
            if "content.xml" in names and "mimetype" in names:
                with archive.open(names["mimetype"]) as told:
                    return "ods" if told.read(len(_ODS)) == _ODS else "xlsx"
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError):
        pass  # NotImplementedError is a RuntimeError
    finally:
        file.seek(0)
    return "xlsx"


def _json(start: bytes) -> Literal["jsonl"]:
    """What a file of JSON is by its start: an object, which must be one a line; an array is not read."""
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return "jsonl"
    raise guard.unsupported("A JSON file that is not an object a line")


def _is_markup(start: bytes) -> bool:
    """Whether it is a page or another XML file: programs give those away under spreadsheets' names."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return text.startswith((b"<?xml", b"<!doctype", b"<html", b"<table"))


def _is_binary(start: bytes) -> bool:
    """Whether it holds bytes no text has; UTF-16 text has NULs at every other place."""
    if start.startswith(_UTF16):
        return False
    nulls = start.count(0)
    if nulls and not (start[0::2].count(0) > len(start) * 0.4 or start[1::2].count(0) > len(start) * 0.4):
        return True
    controls = sum(start.count(code) for code in range(1, 32) if code not in (9, 10, 12, 13, 26, 27))
    return controls > len(start) * 0.1
