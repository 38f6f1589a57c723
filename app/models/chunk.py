"""Stored bytes."""

from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Chunk(Base):
    """Bytes addressed by their hash within a workbook (see `store.protocol`).

    base: the chunk whose raw bytes are the dictionary `data` is compressed against; None where it
    stands alone. There is no foreign key to workbooks or to the base: checking one costs more than
    the insert, and `flask fsck` proves both.
    """

    __tablename__ = "chunks"
    # What is stored is compressed and read whole: in the table's own pages up to a page, it is one fetch.
    __table_args__ = ({"postgresql_with": {"toast_tuple_target": 8160}},)

    workbook_id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    base: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    data: Mapped[bytes] = mapped_column(LargeBinary)
