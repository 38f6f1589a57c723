"""One entry of a zip file: what it says of itself, and the records that say it."""

import struct
import zipfile

import msgspec

STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED

LOCAL_BYTES = 30
"""What the record before a member's bytes takes, without name and extra fields."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DESCRIPTOR = struct.Struct("<4s3L")
_DESCRIBED, _UTF8 = 0x8, 0x800
_ZIP64 = 0x0001


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


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a member's bytes once they are packed: checksum, sizes, and how they are packed."""

    method: int
    crc: int
    packed: int
    size: int


def member_of(entry: zipfile.ZipInfo, local_extra: bytes) -> Member:
    """The member that a zip file's list of members has, with the extra fields that stand before its bytes."""
    year, month, day, hour, minute, second = entry.date_time
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


def local_record(member: Member, facts: Facts) -> bytes:
    """What stands before a member's bytes; it tells their sizes, unless `descriptor` does behind them."""
    told = (0, 0, 0) if member.flags & _DESCRIBED else (facts.crc, facts.packed, facts.size)
    head = _LOCAL.pack(
        b"PK\x03\x04", member.needed, member.flags, facts.method, member.time, member.date, *told,
        len(member.name), len(member.local_extra),
    )  # fmt: skip
    return head + member.name + member.local_extra


def descriptor(member: Member, facts: Facts) -> bytes:
    """What stands behind a member's bytes: their sizes, or nothing."""
    if not member.flags & _DESCRIBED:
        return b""
    return _DESCRIPTOR.pack(b"PK\x07\x08", facts.crc, facts.packed, facts.size)


def central_record(member: Member, facts: Facts, offset: int) -> bytes:
    """A member's entry in the list of members; `offset`: where its local record stands."""
    head = _CENTRAL.pack(
        b"PK\x01\x02", member.made & 0xFF, member.made >> 8, member.needed & 0xFF, member.needed >> 8,
        member.flags, facts.method, member.time, member.date, facts.crc, facts.packed, facts.size,
        len(member.name), len(member.extra), len(member.comment), 0, member.internal, member.external, offset,
    )  # fmt: skip
    return head + member.name + member.extra + member.comment


def directory(records: list[bytes], start: int, comment: bytes) -> bytes:
    """The list of members, which stands at `start`, and what ends the file."""
    listed = b"".join(records)
    count = len(records)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listed), start, len(comment))
    return listed + end + comment


def local_extra_of(local: bytes) -> tuple[int, int]:
    """(size of the name, size of the extra fields) that follow a local record; (-1, -1) where it is none."""
    if len(local) < LOCAL_BYTES or local[:4] != b"PK\x03\x04":
        return -1, -1
    name_size, extra_size = _LOCAL.unpack(local)[-2:]
    return name_size, extra_size


def _without_zip64(extra: bytes) -> bytes:
    """The extra fields without zip64's: sizes past 4 GiB are beyond every limit, so none is needed."""
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind != _ZIP64:
            kept += extra[at : at + 4 + size]
        at += 4 + size
    return kept + extra[at:]
