"""The hash chain over a workbook's history."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import msgspec

DIGEST_BYTES = 32
_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def revision_digest(
    parent: bytes,
    *,
    root: bytes,
    changeset: bytes,
    changeset_chunk: bytes | None,
    author: UUID,
    at: datetime,
    via: str,
    via_detail: str | None,
    message: str | None,
) -> bytes:
    """The digest of a revision: SHA-256 over its parent's digest (empty for the first) and all it says.

    A row that is changed, dropped or slipped in later breaks the chain from there on. `at` is taken to
    the microsecond, in UTC, as the database keeps it.
    """
    moment = int(at.astimezone(UTC).timestamp() * 1_000_000 + 0.5)
    fields = [
        _VERSION,
        parent,
        root,
        changeset,
        changeset_chunk,
        author.bytes,
        moment,
        via,
        via_detail,
        message,
    ]
    return hashlib.sha256(msgspec.msgpack.encode(fields)).digest()
