"""The zip file around a package: reading its members within limits, writing members back as they were."""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

import msgspec

from app.formats import guard
from app.formats.guard import Limits

PIECE = 256 * 1024
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DESCRIPTOR = struct.Struct("<4s3L")
_ENCRYPTED, _DESCRIBED, _UTF8 = 0x1, 0x8, 0x800
_ZIP64 = 0x0001
_SPOOLED = 8 * guard.MIB


class Member(msgspec.Struct, frozen=True, array_like=True):
    """One entry of a zip file, all but its bytes: what is needed to write it again the same.

    name: as the file spells it, encoded. time, date: in DOS form. made, needed: versions (the upper
    byte of `made` is the system). extra, local_extra: without zip64 fields, which say nothing here.
    """

    name: bytes
    flags: int = 0
    method: int = DEFLATED
    time: int = 0
    date: int = 33
    made: int = 45
    needed: int = 20
    extra: bytes = b""
    local_extra: bytes = b""
    internal: int = 0
    external: int = 0
    comment: bytes = b""

    @property
    def text(self) -> str:
        """The name as text."""
        return self.name.decode("utf-8" if self.flags & _UTF8 else "cp437", "replace")


class Archive:
    """A zip file's members in order, inflated on demand and within limits.

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
        self.members = [self._member(entry) for entry in self._entries]
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

    def _count(self, index: int, size: int) -> None:
        """Hold an inflated size against the limits; a second reading of a member counts once."""
        limits, entry = self.limits, self._entries[index]
        if size > limits.ratio_floor and size > limits.member_ratio * max(entry.compress_size, 1):
            raise guard.bomb(entry.filename, limits.member_ratio)
        if size > self._unpacked.get(index, 0):
            self._unpacked[index] = size
            if sum(self._unpacked.values()) > limits.unpacked_bytes:
                raise guard.too_large("unpacked bytes", limits.unpacked_bytes)

    def _member(self, entry: zipfile.ZipInfo) -> Member:
        year, month, day, hour, minute, second = entry.date_time
        if entry.header_offset < 0:
            raise guard.broken("its list of parts points outside the file")
        self._file.seek(entry.header_offset)
        local = self._file.read(_LOCAL.size)
        if len(local) < _LOCAL.size or local[:4] != b"PK\x03\x04":
            raise guard.truncated()
        name_size, extra_size = _LOCAL.unpack(local)[-2:]
        local_extra = self._file.read(name_size + extra_size)[name_size:]
        return Member(
            name=entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437"),
            flags=entry.flag_bits,
            method=entry.compress_type,
            time=hour << 11 | minute << 5 | second // 2,
            date=(year - 1980) << 9 | month << 5 | day,
            made=entry.create_system << 8 | entry.create_version,
            needed=entry.extract_version,
            extra=_without_zip64(entry.extra),
            local_extra=_without_zip64(local_extra),
            internal=entry.internal_attr,
            external=entry.external_attr,
            comment=entry.comment,
        )


def joined(pieces: Iterable[bytes], name: str, limit: int) -> bytes:
    """The pieces of the part `name` as one; UnreadableFile ("too-large") past so many bytes."""
    taken, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise guard.too_large(f"bytes in “{name}”", limit)
        taken.append(piece)
    return b"".join(taken)


class ArchiveWriter:
    """Writes a zip file front to back to `out`, which need not be seekable."""

    def __init__(self, out: BinaryIO, level: int = 6) -> None:
        self._out = out
        self._level = level
        self._at = 0
        self._directory: list[bytes] = []

    def add(self, member: Member, pieces: Iterable[bytes]) -> None:
        """Append a member with the given bytes, packed as its own record says."""
        method = STORED if member.method == STORED else DEFLATED
        offset, crc, size, packed = self._at, 0, 0, 0
        described = bool(member.flags & _DESCRIBED)
        with SpooledTemporaryFile(_SPOOLED) as spool:
            if described:
                self._local(member, method, 0, 0, 0)
            squeeze = zlib.compressobj(self._level, zlib.DEFLATED, -15) if method == DEFLATED else None
            put = self._put if described else spool.write
            for piece in pieces:
                crc = zlib.crc32(piece, crc)
                size += len(piece)
                piece = squeeze.compress(piece) if squeeze else piece
                packed += len(piece)
                put(piece)
            if squeeze:
                piece = squeeze.flush()
                packed += len(piece)
                put(piece)
            if described:
                self._put(_DESCRIPTOR.pack(b"PK\x07\x08", crc, packed, size))
            else:
                self._local(member, method, crc, packed, size)
                spool.seek(0)
                while piece := spool.read(PIECE):
                    self._put(piece)
        self._directory.append(_central(member, method, crc, packed, size, offset))

    def close(self, comment: bytes = b"") -> None:
        """Write the list of members; `out` is left open."""
        start = self._at
        for record in self._directory:
            self._put(record)
        count = len(self._directory)
        self._put(
            _END.pack(b"PK\x05\x06", 0, 0, count, count, self._at - start, start, len(comment)) + comment
        )

    def _local(self, member: Member, method: int, crc: int, packed: int, size: int) -> None:
        head = _LOCAL.pack(
            b"PK\x03\x04", member.needed, member.flags, method, member.time, member.date, crc, packed, size,
            len(member.name), len(member.local_extra),
        )  # fmt: skip
        self._put(head + member.name + member.local_extra)

    def _put(self, piece: bytes) -> None:
        self._out.write(piece)
        self._at += len(piece)


def _central(member: Member, method: int, crc: int, packed: int, size: int, offset: int) -> bytes:
    head = _CENTRAL.pack(
        b"PK\x01\x02", member.made & 0xFF, member.made >> 8, member.needed & 0xFF, member.needed >> 8,
        member.flags, method, member.time, member.date, crc, packed, size,
        len(member.name), len(member.extra), len(member.comment), 0, member.internal, member.external, offset,
    )  # fmt: skip
    return head + member.name + member.extra + member.comment


def _without_zip64(extra: bytes) -> bytes:
    """The extra fields without zip64's: sizes past 4 GiB are beyond every limit, so none is needed."""
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind != _ZIP64:
            kept += extra[at : at + 4 + size]
        at += 4 + size
    return kept + extra[at:]
