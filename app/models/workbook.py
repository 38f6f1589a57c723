"""Workbooks and who shares them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Workbook(Base):
    """A spreadsheet under version history. `head` is the number of its newest revision.

    `name_key` is the case-folded name that searches compare with; `format` is the one it came in, which a
    new version may change: `format_since` is the revision that did so last.
    """

    __tablename__ = "workbooks"
    # Every commit moves `head` and `updated_at`; room on the page keeps that a heap-only update.
    __table_args__ = ({"postgresql_with": {"fillfactor": 70}},)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(400))
    format: Mapped[str] = mapped_column(String(16))
    head: Mapped[int]
    format_since: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    trashed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Membership(Base):
    """A user other than the owner who may see (viewer) or change (editor) a workbook."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role IN ('viewer', 'editor')", name="role"),)

    workbook_id: Mapped[UUID] = mapped_column(ForeignKey("workbooks.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
