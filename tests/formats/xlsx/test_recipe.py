"""Containers are made again byte for byte, with all that is odd about them."""

import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from app.formats.guard import Limits
from app.formats.xlsx import reader
from app.formats.xlsx.container import Archive
from app.formats.xlsx.package import Package
from app.formats.xlsx.packing import Packing
from app.formats.xlsx.recipe import Recipe, Seam, find_recipe
from app.formats.xlsx.writer import write
from app.sheet.cell import Cell
from app.sheet.document import Document
from tests import corpus
from tests.formats.xlsx.packages import Pipe, edited, package, parts, worksheet

ROWS = '<row r="1"><c r="A1"><v>1</v></c></row>'


def read(file: bytes) -> Document:
    return reader.read(BytesIO(file), Limits(), whole=True)


def written(document: Document) -> bytes:
    out = BytesIO()
    write(document, out)
    return out.getvalue()


def plain() -> bytes:
    return package(parts(worksheet(ROWS))).getvalue()


def directory(file: bytes) -> tuple[int, int]:
    """Where the list of members begins, and where the record does that ends the file."""
    end = file.rindex(b"PK\5\6")
    return struct.unpack_from("<L", file, end + 16)[0], end


def without_signatures() -> bytes:
    """Sizes behind the members stand there without a signature."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts(worksheet(ROWS)).items():
            archive.writestr(name, content)
    file = pipe.getvalue()
    start, _ = directory(file)
    out, at, moved = b"", 0, {}
    with zipfile.ZipFile(BytesIO(file)) as archive:
        for entry in archive.infolist():
            moved[entry.header_offset] = len(out)
            behind = file.index(b"PK\7\x08", entry.header_offset + entry.compress_size)
            out += file[at:behind] + file[behind + 4 : behind + 16]
            at = behind + 16
    listed = bytearray(file[start:])
    for place in (at for at in range(len(listed)) if listed[at : at + 4] == b"PK\1\2"):
        (offset,) = struct.unpack_from("<L", listed, place + 42)
        struct.pack_into("<L", listed, place + 42, moved[offset])
    end = listed.rindex(b"PK\5\6")
    struct.pack_into("<L", listed, end + 16, len(out))
    return out + bytes(listed)


def zip64() -> bytes:
    """Local records with zip64 sizes, as streaming writers make them."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts(worksheet(ROWS)).items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(content.encode() if isinstance(content, str) else content)
    return out.getvalue()


def zip64_end() -> bytes:
    """The records of zip64 before the one that ends the file."""
    file = plain()
    start, end = directory(file)
    count = struct.unpack_from("<H", file, end + 10)[0]
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, end - start, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    return file[:end] + record + locator + file[end:]


def prefixed() -> bytes:
    """Bytes before the first member; the list of members counts without them."""
    return b"#!/bin/open\n" + plain()


def gaps() -> bytes:
    """Members that are no longer listed leave their bytes behind."""
    out = BytesIO(plain())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("docProps/left.xml", "<left/>")
        archive.writestr("docProps/behind.xml", "<behind/>")
        archive.filelist = [entry for entry in archive.filelist if "left" not in entry.filename]
        archive.NameToInfo.pop("docProps/left.xml")
        archive.comment = b"comment"
    return out.getvalue()


def reordered() -> bytes:
    """The list of members is in another order than they are."""
    file = plain()
    start, end = directory(file)
    records = [b"PK\1\2" + record for record in file[start:end].split(b"PK\1\2")[1:]]
    return file[:start] + b"".join(reversed(records)) + file[end:]


def odd_records() -> bytes:
    """Local records of another time, with other extra fields; directories; stored members; flags."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/"), b"")
        for n, (name, content) in enumerate(parts(worksheet(ROWS)).items()):
            entry = zipfile.ZipInfo(name, (2020 + n, 1, 2, 3, 4, 5))
            entry.compress_type = zipfile.ZIP_DEFLATED if n % 2 else zipfile.ZIP_STORED
            entry.extra = struct.pack("<HH4s", 0xCAFE, 4, b"abcd") if n else b""
            entry.internal_attr, entry.external_attr, entry.comment = n % 2, n << 16, b"c" * n
            archive.writestr(entry, content)
    file = bytearray(out.getvalue())
    file[10:12] = b"\x21\x43"  # the time of the first local record
    file[6:8] = b"\x06\x00"  # its flags
    return bytes(file)


@pytest.mark.parametrize(
    "make",
    [plain, without_signatures, zip64, zip64_end, prefixed, gaps, reordered, odd_records],
    ids=lambda make: make.__name__,
)
def test_containers_come_back_byte_for_byte(make: Callable[[], bytes]) -> None:
    """Whatever stands between the members: unedited, the file comes back; edited, it is a sound one."""
    file = make()
    document = read(file)
    assert written(document) == file
    assert document.report["container"] == "identical"
    with zipfile.ZipFile(BytesIO(written(edited(document, {(0, 0): Cell(7)})))) as archive:
        assert archive.testzip() is None
        assert b"<v>7</v>" in archive.read("xl/worksheets/sheet1.xml")
        with zipfile.ZipFile(BytesIO(file)) as before:
            assert archive.namelist() == before.namelist()


def test_a_usual_container_costs_nothing_but_its_packings() -> None:
    """Seams are kept only where they are other than the writer's own."""
    recipe = find_recipe(Archive(BytesIO(plain()), Limits()))
    assert recipe == Recipe([Packing()] * 5)


def test_a_deflate_of_another_make_is_told() -> None:
    """Where one member cannot be deflated the same, the parts come back and the report says so."""
    strange = bytes([0b101, 0, 0xFE, 0xFF]) + b"?"  # a stored block in a deflated member, cut differently
    file = bytearray(plain())
    with zipfile.ZipFile(BytesIO(bytes(file))) as archive:
        entry = archive.infolist()[0]
        content = archive.read(entry)
    packed = b"".join(
        struct.pack("<BHH", at + 1 == len(content), 1, 0xFFFE) + content[at : at + 1]
        for at in range(len(content))
    )
    assert strange not in packed
    head = bytearray(file[: entry.header_offset + 30 + len(entry.filename)])
    struct.pack_into("<L", head, entry.header_offset + 18, len(packed))
    rest = bytearray(file[len(head) + entry.compress_size :])
    grown = len(packed) - entry.compress_size
    start, end = (at - len(head) - entry.compress_size for at in directory(bytes(file)))
    for place in (at for at in range(start, end) if rest[at : at + 4] == b"PK\1\2"):
        (offset,) = struct.unpack_from("<L", rest, place + 42)
        struct.pack_into("<L", rest, place + 42, offset + grown if offset else 0)
        if not offset:
            struct.pack_into("<L", rest, place + 20, len(packed))
    struct.pack_into("<L", rest, end + 16, directory(bytes(file))[0] + grown)
    document = read(bytes(head) + packed + bytes(rest))
    assert document.report["container"] == "repacked"
    assert Package.decode(document.package).recipe is None
    with zipfile.ZipFile(BytesIO(written(document))) as archive:
        assert archive.read(entry.filename) == content


def test_a_zlib_that_gives_other_bytes_makes_no_broken_file() -> None:
    """Seams that tell of other sizes than members have are left aside."""
    document = read(prefixed())
    known = Package.decode(document.package)
    recipe = known.recipe
    assert recipe
    assert recipe.seams[0].source.startswith(b"#!/bin/open\n")
    other = msgspec.structs.replace(recipe, packings=[Packing(0)] * 5)
    changed = msgspec.structs.replace(known, recipe=other).encode()
    with zipfile.ZipFile(BytesIO(written(msgspec.structs.replace(document, package=changed)))) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 5


def test_a_part_of_the_same_size_makes_no_broken_file() -> None:
    """Seams that tell the checksum of another part are left aside, though the sizes are the same."""
    document = read(prefixed())
    changed = [part.replace(b'name="One"', b'name="Eno"') for part in document.parts]
    assert changed != list(document.parts)
    with zipfile.ZipFile(BytesIO(written(msgspec.structs.replace(document, parts=changed)))) as archive:
        assert archive.testzip() is None
        assert b'name="Eno"' in archive.read("xl/workbook.xml")


def test_members_that_share_bytes_have_no_recipe() -> None:
    """Two entries of one member are read as two, and written as two."""
    file = plain()
    start, end = directory(file)
    second = file[start:end].index(b"PK\1\2", 4)
    again = file[start : start + second]
    ended = bytearray(file[end:])
    struct.pack_into("<HHL", ended, 8, 6, 6, end - start + len(again))
    assert find_recipe(Archive(BytesIO(file[:end] + again + bytes(ended)), Limits())) is None


def test_a_recipe_is_bytes_and_back() -> None:
    """It is kept in the package."""
    recipe = Recipe([Packing(1, 9, 2, 3), None], [1, 0], {2: Seam(1, b"s")}, [(5, 6), (7, 8)])
    assert Package.decode(Package(1, [], [], {}, [], recipe=recipe).encode()).recipe == recipe


@pytest.mark.parametrize(
    "path",
    corpus.sample(corpus.files(".xlsx", ".xlsm"), 25, "big_container.xlsx"),
    ids=lambda path: path.name,
)
def test_real_containers_are_what_the_report_says(path: Path) -> None:
    """Unedited, a file of which the report says so comes back whole."""
    file = path.read_bytes()
    try:
        document = read(file)
    except ValueError:
        pytest.skip("not readable")
    assert document.report["container"] == ("identical" if written(document) == file else "repacked")
