"""The zip file around a package: reading its members within limits."""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from app.formats import guard
from app.formats.guard import Limits
from app.formats.xlsx.member import LOCAL_BYTES, Facts, local_extra_of, member_of

PIECE = 256 * 1024

_ENCRYPTED = 0x1


class Archive:
    """A zip file's members in order, inflated on demand and within limits.

    spans: where in the file the packed bytes of each member begin and end. size: of the file, in bytes.
    The file must stay open as long as the archive is used. Raises UnreadableFile: "encrypted",
    "truncated", "broken", "too-large", "bomb".
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self.limits = limits
        self._unpacked: dict[int, int] = {}
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, EOFError, struct.error) as error:
            raise guard.truncated() from error
        except (ValueError, NotImplementedError, OSError, UnicodeError) as error:
            raise guard.broken("its list of parts cannot be read") from error
        self._entries = self._zip.infolist()
        if len(self._entries) > limits.members:
            raise guard.too_large("parts", limits.members)
        if any(entry.flag_bits & _ENCRYPTED for entry in self._entries):
            raise guard.encrypted()
        self.size = file.seek(0, 2)
        self.members = []
        self.spans = []
        for entry in self._entries:
            before, start = self._local(entry)
            self.members.append(member_of(entry, before))
            self.spans.append((start, start + entry.compress_size))
        self.comment = self._zip.comment

    def pieces(self, index: int) -> Iterator[bytes]:
        """The bytes of the member at `index`, in pieces of at most `PIECE`."""
        entry, size = self._entries[index], 0
        try:
            with self._zip.open(entry) as stream:
                while piece := stream.read(PIECE):
                    size += len(piece)
                    self._count(index, size)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error) as error:
            raise guard.broken(f"“{entry.filename}” does not unpack") from error
        except (NotImplementedError, RuntimeError, UnicodeError, OSError, ValueError) as error:
            if isinstance(error, guard.UnreadableFile):
                raise
            raise guard.broken(f"“{entry.filename}” is packed in a way that cannot be read") from error

    def bytes_of(self, index: int) -> bytes:
        """The whole of the member at `index`, up to the limit for a part that is kept in one piece."""
        return joined(self.pieces(index), self.members[index].text, self.limits.part_bytes)

    def source(self, start: int, end: int) -> bytes:
        """The file's own bytes from one place to another."""
        self._file.seek(start)
        return self._file.read(end - start)

    def offset(self, index: int) -> int:
        """Where in the file the local record of a member begins."""
        return self._entries[index].header_offset

    def facts(self, index: int) -> Facts:
        """What the list of members says of a member's bytes."""
        entry = self._entries[index]
        return Facts(entry.compress_type, entry.CRC, entry.compress_size, entry.file_size)

    def _count(self, index: int, size: int) -> None:
        """Hold an inflated size against the limits; a second reading of a member counts once."""
        limits, entry = self.limits, self._entries[index]
        if size > limits.ratio_floor and size > limits.member_ratio * max(entry.compress_size, 1):
            raise guard.bomb(entry.filename, limits.member_ratio)
        if size > self._unpacked.get(index, 0):
            self._unpacked[index] = size
            if sum(self._unpacked.values()) > limits.unpacked_bytes:
                raise guard.too_large("unpacked bytes", limits.unpacked_bytes)

    def _local(self, entry: zipfile.ZipInfo) -> tuple[bytes, int]:
        """(the extra fields before a member's bytes, where these begin)."""
        if entry.header_offset < 0:
            raise guard.broken("its list of parts points outside the file")
        local = self.source(entry.header_offset, entry.header_offset + LOCAL_BYTES)
        name_size, extra_size = local_extra_of(local)
        if name_size < 0:
            raise guard.truncated()
        before = entry.header_offset + LOCAL_BYTES + name_size
        return self.source(before, before + extra_size), before + extra_size


def joined(pieces: Iterable[bytes], name: str, limit: int) -> bytes:
    """The pieces of the part `name` as one; UnreadableFile ("too-large") past so many bytes."""
    taken, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise guard.too_large(f"bytes in “{name}”", limit)
        taken.append(piece)
    return b"".join(taken)
