"""A worksheet's frame: its part without the rows, and how its file writes them."""

import msgspec

VERSION = 1


class Dialect(msgspec.Struct, frozen=True, array_like=True):
    """How a sheet's file writes cells, where files differ; so most rows need no source of their own.

    prefix: of element names, such as ``x:``. types_first: ``t`` before ``s``. number_type: numbers say
    ``t="n"``. zero_style: style 0 is written. close: end of a cell without content, after its attributes.
    no_value: what stands for the value of a formula that has none. quotes: ``"`` in text is written
    ``&quot;``. ascii: other letters than ASCII are written as character references.
    """

    prefix: str = ""
    types_first: bool = False
    number_type: bool = False
    zero_style: bool = False
    close: str = "/>"
    no_value: str = ""
    quotes: bool = False
    ascii: bool = False

    @property
    def space(self) -> str:
        """What stands before the end of a tag that is its element's whole."""
        return " " if self.close == " />" else ""


class ArrayRange(msgspec.Struct, frozen=True, array_like=True):
    """An array formula or data table: its kind ("array", "dataTable"), its anchor, and its range's extent."""

    kind: str
    row: int
    column: int
    bottom: int
    right: int
    top: int
    left: int


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """Everything of a worksheet that is not its rows.

    head, tail: source before the first row and after the last. gap: what follows each row's end, as a
    rule. empty: what stands between head and tail where they do not open and close ``sheetData``
    themselves: an element without content, or nothing. whole: the part that holds the sheet's own source
    where rows and frame do not give it back. sheet_id: as the workbook numbers it. tables: parts of its
    tables. links: addresses by relationship id. arrays: array formulas and data tables as the file had
    them.
    """

    version: int = VERSION
    head: bytes = b""
    tail: bytes = b""
    gap: str = ""
    empty: bytes | None = None
    dialect: Dialect = Dialect()
    whole: int | None = None
    sheet_id: int = 0
    tables: list[int] = []
    links: dict[str, str] = {}
    arrays: list[ArrayRange] = []

    def encode(self) -> bytes:
        """The frame as bytes."""
        return _ENCODER.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "Frame":
        """The frame of `encode`'s bytes; ValueError where they are none."""
        frame = _DECODER.decode(data)
        if frame.version != VERSION:
            raise ValueError(f"frame version {frame.version} is not known")
        return frame


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Frame)
