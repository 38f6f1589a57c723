"""Planes of texts: end to end, or by their number among the few there are."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from app.sheet.form import Form, Plane
from app.sheet.offsets import from_offsets, offsets

_REPEATED = 4
"""Texts that appear so often on average are stored once."""


def texts(values: Sequence[str]) -> Plane:
    """Texts one by one, or by their number among the few there are.

    Numbered in the order they appear: a text that is new to a column mostly comes last.
    """
    place = dict.fromkeys(values, 0)
    if len(place) * _REPEATED > len(values):
        return [Form.TEXTS, *joined(values)]
    choices = list(place)
    place.update(zip(choices, range(len(choices)), strict=True))
    return [
        Form.CHOICES,
        len(choices),
        [Form.TEXTS, *joined(choices)],
        *offsets([*map(place.__getitem__, values)]),
    ]


def joined(values: Sequence[str]) -> list[Any]:
    """[least length, width, lengths from it, the texts end to end]."""
    text = "".join(values)
    if text.isascii():
        return [*offsets([*map(len, values)]), text.encode("ascii")]
    encoded = [value.encode("utf-8", "surrogatepass") for value in values]
    return [*offsets([*map(len, encoded)]), b"".join(encoded)]


def from_texts(least: int, width: int, raw_lengths: bytes, raw: bytes) -> list[str]:
    """The texts that `joined` packed."""
    ends = [0, *accumulate(from_offsets(least, width, raw_lengths))]
    if raw.isascii():
        text = raw.decode("ascii")
        return [text[start:end] for start, end in pairwise(ends)]
    return [raw[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(ends)]


def part_of_texts(plane: Plane, start: int, stop: int) -> Plane:
    """The plane of the texts from `start` up to `stop` of those of a plane that ends in texts end to end."""
    form, least, width, lengths, end_to_end = plane
    begin, end = (least * at + sum(from_offsets(0, width, lengths[: at * width])) for at in (start, stop))
    return [form, least, width, lengths[start * width : stop * width], end_to_end[begin:end]]
