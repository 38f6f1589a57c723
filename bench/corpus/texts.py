"""What an edit changed in a CSV file, found by the csv module alone."""

import csv
from io import BytesIO, StringIO
from itertools import zip_longest

from app.formats.csv.dialect import decode_frame
from app.formats.csv.encoding import pieces
from app.sheet.cell import plain_text
from bench.corpus.edits import Edit


def changed(before: bytes, after: bytes, frame: bytes, edit: Edit) -> list[str]:
    """What else than the edited cell's field changed; frame: the sheet's, whose dialect both are read in."""
    dialect = decode_frame(frame)
    if dialect is None:
        return ["the file's dialect is not known"]
    texts = ["".join(pieces(BytesIO(file), dialect.encoding, dialect.mark)) for file in (before, after)]
    old, new = (list(csv.reader(StringIO(text, newline=""), delimiter=dialect.delimiter)) for text in texts)
    wrong = []
    nothing: list[str] = []
    for at, (one, other) in enumerate(zip_longest(old, new, fillvalue=nothing)):
        if at == edit.row:
            one = [*one, *[""] * (edit.column + 1 - len(one))]
            one[edit.column] = plain_text(edit.content)
            one, other = _without_end(one), _without_end(other)
        elif at >= len(old):
            other = _without_end(other)
        if one != other:
            wrong.append(f"record {at + 1} is another")
    if edit.row < len(old) and (size := _differing(*texts)) > _longest(old, edit):
        wrong.append(f"{size} characters changed")
    return wrong


def _without_end(record: list[str]) -> list[str]:
    """A record without the empty fields it ends with."""
    while record and not record[-1]:
        record = record[:-1]
    return record


def _longest(old: list[list[str]], edit: Edit) -> int:
    """How many characters of the old text an edit may replace: the field's, and its quotation marks."""
    record = old[edit.row]
    field = record[edit.column] if edit.column < len(record) else ""
    return 2 * len(field) + 2


def _differing(before: str, after: str) -> int:
    """How many characters of the text before stand between the beginning and the end both share."""
    least = min(len(before), len(after))
    start = next((at for at in range(least) if before[at] != after[at]), least)
    end = next((at for at in range(least - start) if before[-1 - at] != after[-1 - at]), least - start)
    return len(before) - start - end
