"""What a file may cost us, and the refusals a person gets to read.

Every limit is counted while a file is read; no size a file claims for itself is trusted.
"""

from dataclasses import dataclass
from typing import Literal

MIB = 2**20

Reason = Literal[
    "not-a-spreadsheet",
    "encrypted",
    "truncated",
    "too-large",
    "bomb",
    "unsafe-xml",
    "broken",
    "unsupported-format",
    "empty",
]


@dataclass(frozen=True)
class Limits:
    """How much of each thing one file may hold.

    upload_bytes: the file as it is sent. unpacked_bytes: all its parts unpacked, together.
    member_ratio: how many times larger than packed one part may become, once it is past
    `ratio_floor` bytes: deflate reaches 1,032, real sheets stay under 60.
    members: parts. part_bytes: a part that is kept in one piece: all but rows. cells: cells of all its
    sheets. row_bytes: the source of one row. strings: distinct texts. parsed_bytes, elements, depth: a part
    that is parsed as a tree, such as the styles.
    """

    upload_bytes: int = 100 * MIB
    unpacked_bytes: int = 2048 * MIB
    member_ratio: int = 200
    ratio_floor: int = 16 * MIB
    members: int = 20_000
    part_bytes: int = 256 * MIB
    cells: int = 20_000_000
    row_bytes: int = 16 * MIB
    strings: int = 5_000_000
    parsed_bytes: int = 64 * MIB
    elements: int = 1_000_000
    depth: int = 100


DEFAULTS = Limits()


class UnreadableFile(ValueError):
    """A file that is not taken in; the message says what is wrong with it and what to do."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


def not_a_spreadsheet() -> UnreadableFile:
    """The file is of another kind."""
    return UnreadableFile(
        "not-a-spreadsheet",
        "This file is not a spreadsheet. Upload an .xlsx, .xlsm, .xls, .xlsb, .ods, .csv, .tsv, .parquet or "
        ".jsonl file.",
    )


def encrypted() -> UnreadableFile:
    """The file is locked with a password."""
    return UnreadableFile(
        "encrypted",
        "This file is protected with a password. Open it in your spreadsheet program, remove the password "
        "and upload it again.",
    )


def truncated() -> UnreadableFile:
    """The file ends too early."""
    return UnreadableFile(
        "truncated",
        "This file is cut off: its end is missing. Save or download it again, then upload it again.",
    )


def broken(what: str) -> UnreadableFile:
    """The file is damaged; `what` names the piece and its damage."""
    return UnreadableFile(
        "broken",
        f"This file is damaged: {what}. Open it in your spreadsheet program, save it and upload it again.",
    )


def damaged(what: str) -> UnreadableFile:
    """A file that no spreadsheet program mends is damaged; `what` names the piece and its damage."""
    return UnreadableFile("broken", f"This file is damaged: {what}. Write it anew and upload it again.")


def unsupported(what: str) -> UnreadableFile:
    """The file is a spreadsheet of a kind that is not read; `what` names it."""
    return UnreadableFile(
        "unsupported-format", f"{what} cannot be read. Save it as .xlsx or .csv and upload it again."
    )


def too_demanding(what: str) -> UnreadableFile:
    """Reading it takes more memory or time than one file may; `what` names its kind."""
    return UnreadableFile(
        "too-large",
        f"This file takes too much memory or time to read. {what} is read whole: save it as .xlsx and upload "
        "that.",
    )


def too_large(what: str, limit: int) -> UnreadableFile:
    """More of something than the configured limit; `what` is its plural, such as “cells”."""
    return UnreadableFile(
        "too-large",
        f"This file has too many {what}: the limit is {limit:,}. Split it, or remove what you do not need.",
    )


def bomb(part: str, ratio: int) -> UnreadableFile:
    """A part unpacks to far more than a real one would; `ratio` is the limit."""
    return UnreadableFile(
        "bomb",
        f"This file is refused: “{part}” unpacks to more than {ratio} times its size in the file. Open it in "
        "your spreadsheet program, delete empty rows and columns, save it and upload it again.",
    )


def unsafe_xml(part: str) -> UnreadableFile:
    """A part's XML defines entities or a document type, which no spreadsheet program writes."""
    return UnreadableFile(
        "unsafe-xml", f"This file is refused: “{part}” defines XML entities, which spreadsheets do not use."
    )


def empty() -> UnreadableFile:
    """Nothing in it."""
    return UnreadableFile("empty", "This file is empty. Choose another one.")
