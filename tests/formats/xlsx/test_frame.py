"""What revisions keep of a worksheet's frame and of a package, byte for byte."""

import msgspec
import pytest

from app.formats.xlsx.frame import ArrayRange, Dialect, Frame
from app.formats.xlsx.member import Member
from app.formats.xlsx.package import Package, SheetEntry
from app.formats.xlsx.packing import Packing
from app.formats.xlsx.recipe import Recipe, Seam

FRAME = Frame(
    head=b"<h>",
    tail=b"</h>",
    gap="\n",
    empty=b"",
    dialect=Dialect("x:", True, False, True, " />", "<v/>", True, False),
    whole=3,
    sheet_id=7,
    tables=[1],
    links={"rId1": "https://example.org"},
    arrays=[ArrayRange("array", 1, 2, 3, 4, 1, 2)],
)
FRAME_BYTES = (
    "9b01c4033c683ec4043c2f683ea10ac40098a2783ac3c2c3a3202f3ea43c762f3ec3c20307910181a472496431b36874"
    "7470733a2f2f6578616d706c652e6f72679197a56172726179010203040102"
)
PACKAGE = Package(
    version=1,
    members=[Member(b"a.xml", 6, 8, 1, 33, 45, 20, b"e", b"l", 0, 1, b"c"), Member(b"s.xml")],
    places=[0, -1],
    roles={"workbook": 0},
    sheets=[SheetEntry("One", 1, "visible", "worksheet", 1, "rId1")],
    comment=b"z",
    recipe=Recipe([Packing(6, 8, 0, 131072), None], [1, 0], {2: Seam(1, b"s")}, [(5, 6), (7, 8)]),
)
PACKAGE_BYTES = (
    "9701929cc405612e786d6c060801212d14c40165c4016c0001c401639cc405732e786d6c000800212d14c400c4000000c400"
    "9200ff81a8776f726b626f6f6b009196a34f6e6501a776697369626c65a9776f726b736865657401a472496431c4017a9492"
    "94060800ce00020000c092010081029201c4017392920506920708"
)


def test_the_bytes_of_a_frame_are_pinned() -> None:
    """Frames are kept for good, so their bytes only change with their version."""
    assert (FRAME.encode().hex(), Frame.decode(bytes.fromhex(FRAME_BYTES))) == (FRAME_BYTES, FRAME)


def test_the_bytes_of_a_package_are_pinned() -> None:
    """So do a package's."""
    assert (PACKAGE.encode().hex(), Package.decode(bytes.fromhex(PACKAGE_BYTES))) == (PACKAGE_BYTES, PACKAGE)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x91\x09", Frame(version=9).encode()])
def test_other_bytes_are_no_frame(data: bytes) -> None:
    """What is no frame, or one of a version to come, is refused."""
    with pytest.raises((ValueError, msgspec.DecodeError)):
        Frame.decode(data)
