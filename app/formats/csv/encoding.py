"""How a text file is encoded, found by trying, and its text in pieces."""

import codecs
import os
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from app.formats.guard import Limits, empty, not_a_spreadsheet, too_large

MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
"""Byte order marks by encoding; UTF-32's come first as UTF-16's begins like one of them."""

WINDOWS = "cp1252"
"""Western Windows, what a file that is not Unicode most likely is: any bytes are text in it."""

_PIECE = 2**16
_SAMPLE = 2**16
_MAX_CONTROL_SHARE = 0.01
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")

# Five bytes mean nothing in Windows-1252. They stand for the control characters of the same number, as
# browsers read them (WHATWG Encoding Standard), so that every byte comes back.
_WINDOWS_TABLE = "".join(bytes([byte]).decode(WINDOWS, "ignore") or chr(byte) for byte in range(256))
_WINDOWS_BYTES = codecs.charmap_build(_WINDOWS_TABLE)


class Encoding(NamedTuple):
    """How a file is encoded: the codec's name, whether a byte order mark leads, its size and its lines."""

    name: str
    bom: bool
    size: int
    lines: int


def detect_encoding(file: BinaryIO, limits: Limits) -> Encoding:
    """The first encoding all of the file is text in: its mark's, UTF-8, UTF-16 or Windows-1252.

    Raises UnreadableFile where the file is empty, too large or no text at all.
    """
    size = file.seek(0, os.SEEK_END)
    if size > limits.upload_bytes:
        raise too_large("bytes", limits.upload_bytes)
    file.seek(0)
    sample = file.read(_SAMPLE)
    for name, mark in _candidates(sample):
        if size == len(mark):
            raise empty()
        lines = _lines(file, name, mark)
        if lines is not None:
            return Encoding(name, bool(mark), size, lines)
    raise not_a_spreadsheet()


def pieces(file: BinaryIO, encoding: str, mark: bytes) -> Iterator[str]:
    """The file's text after its mark, piece by piece; other readers of the file may come in between.

    Raises UnicodeDecodeError where the file is no text in the encoding.
    """
    decoder = None if encoding == WINDOWS else codecs.getincrementaldecoder(encoding)()
    position = len(mark)
    while True:
        file.seek(position)
        data = file.read(_PIECE)
        position += len(data)
        if decoder is None:
            text = codecs.charmap_decode(data, "strict", _WINDOWS_TABLE)[0]
        else:
            text = decoder.decode(data, final=not data)
        if text:
            yield text
        if not data:
            return


def encode(text: str, encoding: str) -> bytes:
    """The text's bytes, without a mark; raises UnicodeEncodeError where the encoding lacks a character."""
    if encoding == WINDOWS:
        return codecs.charmap_encode(text, "strict", _WINDOWS_BYTES)[0]
    return text.encode(encoding)


def _candidates(sample: bytes) -> Iterator[tuple[str, bytes]]:
    if not sample:
        raise empty()
    for name, mark in MARKS.items():
        if sample.startswith(mark):
            yield name, mark
    # Most characters of a table are ASCII, which leaves every other byte of UTF-16 zero.
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > 4 * even:
        yield "utf-16-le", b""
    elif even > 4 * odd:
        yield "utf-16-be", b""
    yield "utf-8", b""
    yield WINDOWS, b""


def _lines(file: BinaryIO, encoding: str, mark: bytes) -> int | None:
    """How many lines the file has in the encoding; None where it is no text in it."""
    feeds = returns = 0
    ends_open = False
    try:
        for at, text in enumerate(pieces(file, encoding, mark)):
            if "\0" in text:
                return None
            if at == 0:
                sample = text[:_SAMPLE]
                if len(_CONTROLS.findall(sample)) > len(sample) * _MAX_CONTROL_SHARE:
                    return None
            feeds += text.count("\n")
            returns += text.count("\r")
            ends_open = text[-1] not in "\r\n"
    except UnicodeDecodeError:
        return None
    return max(feeds, returns) + ends_open
