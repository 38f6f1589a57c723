"""A file's format is told by what is in it, not by its name."""

import gzip
from io import BytesIO

import pytest

from app.formats import registry
from app.formats.guard import Limits, UnreadableFile
from app.formats.ole2 import MAGIC
from tests.formats.xlsx.packages import package, parts, worksheet

ENCRYPTED = MAGIC + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
OLD_EXCEL = MAGIC + bytes(600) + "Workbook".encode("utf-16-le") + bytes(600)
OLD_WORD = MAGIC + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(600)


def workbook() -> bytes:
    return package(parts(worksheet('<row r="1"><c r="A1"><v>1</v></c></row>'))).getvalue()


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (workbook(), "a.xlsx", "xlsx"),
        (workbook(), "a.csv", "xlsx"),
        (workbook(), "a", "xlsx"),
        (b"a,b\r\n1,2\r\n", "a.csv", "csv"),
        (b"a,b\r\n1,2\r\n", "a", "csv"),
        (b"", None, "empty"),
        ("a;é\n".encode("utf-16"), "a.csv", "csv"),
        ("a;é\n".encode("utf-16-le"), "a.csv", "csv"),
        ("a;é\n".encode("cp1252"), "a.txt", "csv"),
    ],
)
def test_the_content_tells_the_format(content: bytes, name: str | None, expected: str) -> None:
    """Zip files are workbooks and text is CSV, whatever they are called."""
    if name is None:
        with pytest.raises(UnreadableFile) as caught:
            registry.sniff(BytesIO(content), "a.csv")
        assert caught.value.reason == expected
    else:
        assert registry.sniff(BytesIO(content), name) == expected


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (ENCRYPTED, "a.xlsx", "encrypted"),
        (OLD_EXCEL, "a.xls", "broken"),
        (OLD_WORD, "a.xlsx", "not-a-spreadsheet"),
        (b"%PDF-1.7\n", "a.pdf", "not-a-spreadsheet"),
        (b"\x89PNG\r\n\x1a\n", "a.xlsx", "not-a-spreadsheet"),
        (b"<html><table></table></html>", "a.xls", "not-a-spreadsheet"),
        (b"just text", "a.xlsx", "not-a-spreadsheet"),
        (gzip.compress(b"a,b\n", mtime=0), "a.csv", "not-a-spreadsheet"),
        (bytes(range(256)) * 4, "a.csv", "not-a-spreadsheet"),
        (workbook()[:-40], "a.xlsx", "truncated"),
        (workbook()[:200], "a.xlsx", "truncated"),
        (package({"word/document.xml": "<w/>"}).getvalue(), "a.xlsx", "not-a-spreadsheet"),
        (package({"xl/workbook.bin": b"\x00"}).getvalue(), "a.xlsb", "broken"),
        (package({"content.xml": "<x/>"}).getvalue(), "a.ods", "not-a-spreadsheet"),
    ],
)
def test_other_files_are_refused_with_a_reason(content: bytes, name: str, reason: str) -> None:
    """What cannot be read is named for what it is."""
    with pytest.raises(UnreadableFile) as caught:
        registry.read(BytesIO(content), name, Limits())
    assert caught.value.reason == reason


def test_a_file_over_the_limit_is_refused() -> None:
    """The size of a file is held against the limit before anything of it is read."""
    with pytest.raises(UnreadableFile) as caught:
        registry.read(BytesIO(b"a" * 101), "a.csv", Limits(upload_bytes=100))
    assert caught.value.reason == "too-large"


def test_a_workbook_is_read_by_its_reader() -> None:
    """A workbook comes as an xlsx document, a text as a csv one."""
    formats = [registry.read(BytesIO(content), "a", Limits()).format for content in (workbook(), b"a,b\n")]
    assert formats == ["xlsx", "csv"]
