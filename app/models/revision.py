"""Revisions and the names people gave some of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Revision(Base):
    """An immutable saved state of a workbook. Rows are inserted and read, never updated.

    number: 1, 2, 3 … without gaps within a workbook. parent: the number it was made from.
    root: address of the state's manifest chunk. digest: see `store.digest`.
    changeset: the encoded changeset, or its summary where the whole is the chunk `changeset_chunk`.
    changed: how many cells it changed; None where that was not counted (restores).
    via: how it came about ("grid", "upload", …); via_detail: with what (a token's name, a number).
    key: the client's idempotency key.
    `author_id` has no foreign key: checking one would write to the author's row at every commit.
    Fields of eight bytes come before those of four, so that no row has a gap between them.
    """

    __tablename__ = "revisions"
    # The moment alone: revisions of the same microsecond are few enough to sort (half the index's bytes).
    __table_args__ = (
        Index("ix_revisions_created_at", "created_at"),
        # Of edits the key is found near the head; who goes back names no revision near it.
        Index(
            "ix_revisions_workbook_id_key",
            "workbook_id",
            "key",
            postgresql_where=text("via IN ('restore', 'revert')"),
        ),
    )

    workbook_id: Mapped[UUID] = mapped_column(ForeignKey("workbooks.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    parent: Mapped[int | None]
    changed: Mapped[int | None]
    author_id: Mapped[UUID]
    key: Mapped[UUID | None]
    root: Mapped[bytes] = mapped_column(LargeBinary(16))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    changeset: Mapped[bytes] = mapped_column(LargeBinary)
    changeset_chunk: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    via: Mapped[str] = mapped_column(String(16))
    via_detail: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str | None] = mapped_column(Text)


class NamedVersion(Base):
    """A revision somebody gave a name. Names may change, so they live beside the revision."""

    __tablename__ = "named_versions"
    __table_args__ = (
        ForeignKeyConstraint(["workbook_id", "number"], ["revisions.workbook_id", "revisions.number"]),
    )

    workbook_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    named_by: Mapped[UUID]
    named_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
