"""A dialect is kept as a frame whose bytes are pinned."""

from app.formats.csv.dialect import DEFAULT, Dialect, decode_frame, encode_frame

SEMICOLONS = Dialect("utf-16-le", True, ";", "\n", "all", True, 3)


def test_bytes() -> None:
    """Frames stored by this version stay readable: their bytes are these."""
    assert encode_frame(SEMICOLONS) == b"csv\x01\x97\xa9utf-16-le\xc3\xa1;\xa1\n\xa3all\xc3\x03"


def test_round_trip() -> None:
    """A frame gives its dialect back."""
    assert [decode_frame(encode_frame(dialect)) for dialect in (DEFAULT, SEMICOLONS)] == [DEFAULT, SEMICOLONS]


def test_frames_of_other_formats() -> None:
    """A frame that is not a CSV file's is no dialect."""
    assert decode_frame(b"") is None
    assert decode_frame(b"<sheetViews/>") is None


def test_mark() -> None:
    """The byte order mark is the encoding's, and only where the file has one."""
    assert SEMICOLONS.mark == b"\xff\xfe"
    assert DEFAULT.mark == b""
    assert DEFAULT.in_utf8().mark == b"\xef\xbb\xbf"
