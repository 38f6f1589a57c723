"""Reading the zip file around a package."""

import zipfile
from io import BytesIO

from app.formats.guard import Limits
from app.formats.xlsx.container import Archive


def test_a_member_is_found_by_its_own_bytes_too() -> None:
    """An archive tells where each member's packed bytes stand, what is known of them, and its size."""
    out = BytesIO(b"before")
    out.seek(0, 2)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("a", "text")
    archive = Archive(out, Limits())
    start, end = archive.spans[0]
    assert archive.source(start, end) == b"text"
    assert (archive.offset(0), archive.size) == (6, len(out.getvalue()))
    assert (archive.facts(0).packed, archive.facts(0).size) == (4, 4)
