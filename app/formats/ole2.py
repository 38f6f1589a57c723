"""OLE2 compound files: what Excel's old format and password-protected workbooks come in."""

from typing import BinaryIO

from app.formats import guard

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_SEARCHED = 64 * guard.MIB
_PIECE = guard.MIB


def check(file: BinaryIO) -> None:
    """Raise UnreadableFile where a compound file is no old workbook: a locked one, or of another program.

    The names of its streams stand in its directory in UTF-16, wherever that lies in the file.
    """
    if _contains(file, "encryptedpackage"):
        raise guard.encrypted()
    if not (_contains(file, "workbook") or _contains(file, "book")):
        raise guard.not_a_spreadsheet()


def _contains(file: BinaryIO, name: str) -> bool:
    wanted = name.encode("utf-16-le")  # names of streams are the same in any case
    file.seek(0)
    before, read = b"", 0
    while read < _SEARCHED and (piece := file.read(_PIECE)):
        piece = piece.lower()
        if wanted in before + piece:
            return True
        before, read = piece[-len(wanted) :], read + len(piece)
    return False
