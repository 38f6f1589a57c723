"""Hostile files are refused, in words a person understands."""

import contextlib
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from app.formats.guard import Limits, UnreadableFile
from app.formats.xlsx.reader import read
from app.sheet.address import MAX_COLUMNS
from tests.formats.xlsx.packages import MAIN, SHEET, package, parts, strings, worksheet

SMALL = replace(Limits(), ratio_floor=100_000)
ROWS = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 101))
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


def refusal(file: BytesIO, limits: Limits = SMALL) -> UnreadableFile:
    """Why a file is refused, be it at once or while its rows are read."""
    with pytest.raises(UnreadableFile) as caught:
        _read_all(file, limits)
    return caught.value


def test_a_padded_part_is_a_bomb() -> None:
    """A worksheet that unpacks to far more than its size is refused before it is unpacked whole."""
    assert refusal(package(parts(worksheet(" " * 3_000_000)))).reason == "bomb"


def test_a_carried_part_is_no_way_round() -> None:
    """A part that is only carried is held against the limits too, when it is taken."""
    document = read(package(parts(worksheet(ROWS), {"x.bin": bytes(3_000_000)})), SMALL)
    with pytest.raises(UnreadableFile) as caught:
        list(document.parts)
    assert caught.value.reason == "bomb"


def test_all_parts_together_are_limited() -> None:
    """Many parts that each stay under the ratio are refused for their sum."""
    limits = replace(SMALL, unpacked_bytes=5_000)
    assert refusal(package(parts(worksheet(ROWS))), limits).reason == "too-large"


@pytest.mark.parametrize(
    ("limits", "sheet"),
    [
        (replace(SMALL, cells=99), worksheet(ROWS)),
        (replace(SMALL, members=3), worksheet(ROWS)),
        (replace(SMALL, strings=2), worksheet('<row r="1"><c r="A1" t="s"><v>1</v></c></row>')),
    ],
)
def test_each_count_is_limited(limits: Limits, sheet: str) -> None:
    """Cells, parts and texts past their limit are refused."""
    contents = parts(sheet, {"xl/sharedStrings.xml": strings("<t>a</t>", "<t>b</t>", "<t>c</t>")})
    assert refusal(package(contents), limits).reason == "too-large"


DEEP = "<a>" * 200 + "</a>" * 200


@pytest.mark.parametrize(
    ("limits", "contents", "limit"),
    [
        (replace(SMALL, part_bytes=1_000), parts(worksheet(ROWS), {"x.bin": bytes(1_001)}), 1_000),
        (replace(SMALL, parsed_bytes=99), parts(worksheet(ROWS)), 99),
        (replace(SMALL, elements=3), parts(worksheet(ROWS)), 3),
        (SMALL, parts(worksheet(ROWS), {"xl/workbook.xml": f"<workbook>{DEEP}</workbook>"}), 100),
        (SMALL, parts(worksheet(ROWS, after=DEEP)), 100),
        (
            replace(SMALL, row_bytes=300_000, ratio_floor=10**7),
            parts(worksheet(f'<row r="1">{" " * 600_000}</row>')),
            300_000,
        ),
        (replace(SMALL, parsed_bytes=50_000), parts(worksheet(ROWS, after=" " * 50_000)), 50_000),
    ],
)
def test_each_piece_is_limited(limits: Limits, contents: dict[str, str | bytes], limit: int) -> None:
    """Pieces that are held or parsed as one are limited in size and depth, and the limit is named."""
    refused = refusal(package(contents), limits)
    assert refused.reason == "too-large"
    assert f"{limit:,}" in str(refused)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "_rels/.rels"])
def test_entities_are_refused(part: str) -> None:
    """A part that defines entities is refused, whichever it is."""
    contents = parts(
        worksheet(ROWS.replace("<c ", '<c t="s" ')), {"xl/sharedStrings.xml": strings("<t>a</t>")}
    )
    contents[part] = ENTITIES + str(contents[part])
    assert refusal(package(contents)).reason == "unsafe-xml"


def test_a_locked_member_is_refused() -> None:
    """A zip file with a password is refused as protected."""
    file = bytearray(package(parts(worksheet(ROWS))).getvalue())
    at = file.rfind(b"PK\x01\x02")
    file[at + 8] |= 1
    assert refusal(BytesIO(bytes(file))).reason == "encrypted"


@pytest.mark.parametrize(
    "contents",
    [
        parts(worksheet("<row>")),
        parts(worksheet(ROWS)[:-30]),
        parts(worksheet('<row r="0"/>')),
        parts(worksheet('<row r="1048577"/>')),
        parts(worksheet(f'<row r="{"9" * 5_000}"/>')),
        parts(worksheet('<row r="1" "x"><c r="A1"><v>1</v></c></row>')),
        parts(worksheet('<row r="1"><c r="A1" s="1" t="str"x><v>1</v></c></row>')),
        parts(worksheet('<row r="1"><c r="A1"><f t="shared" si=0">1</f><v>1</v></c></row>')),
        parts(worksheet('<row r="1"><c r="A1"><f>"\x01"</f><v>1</v></c></row>')),
        parts(worksheet(ROWS), {"xl/workbook.xml": '<?xml version="1.0" encoding="cp037"?><workbook/>'}),
        parts("no xml"),
        parts("no xml " + worksheet(ROWS)),
        parts(worksheet(ROWS, after="<mergeCells>")),
        {"xl/worksheets/sheet1.xml": worksheet(ROWS)},
        parts(worksheet(ROWS), {"xl/workbook.xml": f'<workbook xmlns="{MAIN}"/>'}),
        parts(worksheet(ROWS), {"xl/workbook.xml": "<workbook"}),
        parts(worksheet(ROWS.replace("<c ", '<c t="s" ')), {"xl/sharedStrings.xml": "<sst><si/>"}),
        parts(worksheet('<row r="1"><c r="A1" t="str"><v>').encode() + b"\xff</v></c></row>"),
    ],
)
def test_damaged_parts_are_refused(contents: dict[str, str | bytes]) -> None:
    """Damage is told as damage, where it matters for the cells."""
    assert refusal(package(contents)).reason == "broken"


@pytest.mark.parametrize("at", range(0, 2_400, 7))
def test_flipped_bytes_never_crash(at: int) -> None:
    """Whatever byte of a file is damaged, it is read or refused."""
    file = bytearray(package(parts(worksheet(ROWS))).getvalue())
    file[at % len(file)] ^= 0x5A
    with contextlib.suppress(UnreadableFile):
        _read_all(BytesIO(bytes(file)), SMALL)


def test_a_header_that_lies_about_its_size_gains_nothing() -> None:
    """Sizes are counted while unpacking; what a file claims of itself is not believed."""
    honest = package(parts(worksheet(" " * 3_000_000)))
    with zipfile.ZipFile(honest) as archive:
        entry = archive.getinfo(SHEET)
    size = entry.file_size.to_bytes(4, "little")
    assert refusal(BytesIO(honest.getvalue().replace(size, (1000).to_bytes(4, "little")))).reason in (
        "bomb",
        "broken",
    )


@pytest.mark.parametrize(
    "piece",
    [
        '<c r="A1">',
        '<c r="A1"><v>',
        '<f t="array" ',
        '<c r="A1"> <f ',
        "<!--",
        "<!-- -- ",
        "<![CDATA[",
        "<?a",
        "<a>",
        " ",
        "a",
        "<aaaa:",
        "r ",
        "&",
    ],
)
@pytest.mark.parametrize(
    "frame", ['<row r="1">{}</row>', "<row {}></row>", '<row r="1"><c {}></c></row>', "{}"]
)
def test_endless_repetition_takes_no_longer_than_its_length(piece: str, frame: str) -> None:
    """What no pattern matches is searched once, not once from each of its places (which would take hours)."""
    sheet = worksheet(frame.format(piece * (1_000_000 // len(piece))))
    with contextlib.suppress(UnreadableFile):
        _read_all(package(parts(sheet)), replace(SMALL, member_ratio=10_000))


@pytest.mark.parametrize(
    "piece", ["<si>", "<si><t>", "<si a ", "<rPh>", "<t>", "<!--", "_x", "&", "<r><t>a</t></r>"]
)
@pytest.mark.parametrize(
    "frame", ["<sst>{}</sst>", "<sst><si>{}</si></sst>", "<sst><si><t>{}</t></si></sst>"]
)
def test_endless_texts_take_no_longer_than_their_length(piece: str, frame: str) -> None:
    """The same holds for the table of strings."""
    table = frame.format(piece * (1_000_000 // len(piece)))
    contents = parts(
        worksheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), {"xl/sharedStrings.xml": table}
    )
    with contextlib.suppress(UnreadableFile):
        _read_all(package(contents), replace(SMALL, member_ratio=10_000))


def test_a_row_has_no_more_cells_than_a_sheet_has_columns() -> None:
    """The same cell over and over would take more memory than its file says."""
    row = '<row r="1">' + '<c r="A1"/>' * (MAX_COLUMNS + 1) + "</row>"
    assert refusal(package(parts(worksheet(row))), Limits()).reason == "too-large"


def test_two_cells_far_apart_are_two_cells() -> None:
    """A sheet's size is what it holds, not how far it reaches."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    document = read(package(parts(worksheet(rows))), Limits())
    assert [(index, row.columns) for index, row in document.sheets[0].rows()] == [
        (0, (0,)),
        (1_048_575, (16_383,)),
    ]


def _read_all(file: BytesIO, limits: Limits) -> None:
    document = read(file, limits)
    for sheet in document.sheets:
        list(sheet.rows())
    list(document.parts)
