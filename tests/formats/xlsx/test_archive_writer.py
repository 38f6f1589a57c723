"""Zip files are written front to back, and one that zlib made comes back whole."""

import zipfile
from io import BytesIO

import pytest

from app.formats.guard import Limits
from app.formats.xlsx.archive_writer import ArchiveWriter
from app.formats.xlsx.container import Archive
from app.formats.xlsx.member import Member
from app.formats.xlsx.packing import Packing
from tests.formats.xlsx.packages import Pipe


def rewritten(file: BytesIO, packing: Packing | None = None) -> bytes:
    archive = Archive(file, Limits())
    out = Pipe()
    writer = ArchiveWriter(out)
    for at, member in enumerate(archive.members):
        writer.add(member, archive.pieces(at), packing)
    writer.close(archive.comment)
    return out.getvalue()


def made(seekable: bool = True) -> BytesIO:
    out = BytesIO() if seekable else Pipe()
    with zipfile.ZipFile(out, "w") as archive:
        for name, method in (
            ("a.txt", zipfile.ZIP_STORED),
            ("é.xml", zipfile.ZIP_DEFLATED),
            ("dir/", zipfile.ZIP_STORED),
        ):
            entry = zipfile.ZipInfo(name, (2021, 2, 3, 4, 5, 6))
            entry.compress_type = method
            entry.external_attr = 0o600 << 16
            entry.comment = b"c"
            archive.writestr(entry, b"" if name.endswith("/") else b"text " * 100)
        archive.comment = b"the whole"
    return BytesIO(out.getvalue())


@pytest.mark.parametrize("seekable", [True, False])
def test_a_zip_file_of_zlibs_making_comes_back_whole(seekable: bool) -> None:
    """Names, order, flags, times, attributes, comments and sizes come back, down to the last byte."""
    file = made(seekable)
    assert rewritten(file, Packing()) == file.getvalue()


def test_two_members_of_one_name_are_two() -> None:
    """A name that stands twice is carried twice."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a", "2")
    archive = Archive(BytesIO(rewritten(out)), Limits())
    assert [archive.bytes_of(at) for at in range(2)] == [b"1", b"2"]


def test_what_is_written_is_sound() -> None:
    """Other readers find nothing wrong with it."""
    with zipfile.ZipFile(BytesIO(rewritten(made(), Packing(1)))) as archive:
        assert archive.testzip() is None


def test_a_method_nobody_expects_becomes_deflate() -> None:
    """A member packed in a rarer way is read, and written the common way."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a", b"x" * 1000)
    with zipfile.ZipFile(BytesIO(rewritten(out))) as archive:
        assert (archive.read("a"), archive.getinfo("a").compress_type) == (b"x" * 1000, zipfile.ZIP_DEFLATED)


def test_a_member_made_new_needs_a_name_only() -> None:
    """A member without a past has sensible defaults."""
    out = BytesIO()
    writer = ArchiveWriter(out)
    writer.add(Member(b"new.xml"), [b"one", b"two"])
    writer.close()
    with zipfile.ZipFile(out) as archive:
        assert archive.read("new.xml") == b"onetwo"


def test_members_are_listed_where_they_are_told_to() -> None:
    """The list of members may be in another order than they themselves."""
    out = BytesIO()
    writer = ArchiveWriter(out)
    writer.add(Member(b"second"), [b"2"], position=1)
    writer.add(Member(b"first"), [b"1"], position=0)
    writer.close()
    with zipfile.ZipFile(out) as archive:
        assert [(entry.filename, archive.read(entry)) for entry in archive.infolist()] == [
            ("first", b"1"),
            ("second", b"2"),
        ]
