"""Planes: sequences of values as msgpack-ready lists, so small and regular that patches stay short.

A plane is a list whose first item says its form (see `docs/formats.md`). The same values always give
the same plane, whatever edits led to them: numbers that are whole are ints (1.0 is 1, -0.0 stays
apart), every NaN is one NaN. Fixed-width forms are preferred over compact ones, because a changed
cell then changes a few bytes in one place.
"""

from collections.abc import Callable, Sequence
from itertools import chain, groupby, repeat

from app.sheet.cell import LexicalNumber, Value, identical
from app.sheet.form import FEW, Form, Plane, are_few, filled
from app.sheet.number_planes import (
    DECODERS,
    NUMBERS,
    all_canonical,
    all_decimals,
    canonical,
    numbers,
    written_alike,
)
from app.sheet.offsets import from_offsets
from app.sheet.packing import pack_value, unpack_value
from app.sheet.text_planes import from_texts, part_of_texts, texts

_PLAIN = {bool, int, str}
"""Types whose equal values are the same."""


def encode(values: Sequence[Value]) -> Plane:
    """The plane of values, None meaning that there is none at that place."""
    if len(values) == 1:
        # What the rest would come to: sheets of thousands of columns have blocks of a row or two.
        return [Form.CONSTANT, pack_value(canonical(values[0]))]
    kinds = set(map(type, values))
    if type(None) not in kinds:
        return _present(values, kinds)
    present = [value for value in values if value is not None]
    if not present:
        return [Form.CONSTANT, None]
    mask = int("".join(["0" if value is None else "1" for value in reversed(values)]), 2)
    kinds.discard(type(None))
    return [Form.HOLES, mask.to_bytes((len(values) + 7) // 8, "little"), _present(present, kinds)]


def decode(plane: Plane, count: int) -> list[Value]:
    """The `count` values of a plane."""
    return _DECODERS[plane[0]](plane, count)


def decode_part(plane: Plane, count: int, start: int, stop: int) -> list[Value]:
    """The values from `start` up to `stop` of the `count` values of a plane; most others are not decoded."""
    if start >= stop:
        return []
    part = _PARTS.get(plane[0])
    if part is None or (start == 0 and stop == count):
        return decode(plane, count)[start:stop]
    return part(plane, count, start, stop)


def is_full(plane: Plane) -> bool:
    """Whether every place has a value."""
    return presence(plane) is None


def presence(plane: Plane) -> bytes | None:
    """The bit mask of the places that have a value, the first at bit 0 of byte 0; None where all have one."""
    if plane[0] == Form.HOLES:
        return plane[1]  # type: ignore[no-any-return]
    return b"" if plane == [Form.CONSTANT, None] else None


def encode_runs(values: Sequence[int | str]) -> Plane:
    """The plane of values that mostly repeat the one before, such as styles."""
    runs: list[tuple[Value, int]] = [(value, sum(1 for _ in group)) for value, group in groupby(values)]
    if len(runs) == 1 or len(runs) * 2 > len(values):
        return encode(values)
    lengths, repeated = [length for _, length in runs], [value for value, _ in runs]
    return [Form.RUNS, encode(lengths), encode(repeated), len(runs)]


def _present(values: Sequence[Value], kinds: set[type]) -> Plane:
    """The plane of values of the given types, none of them None."""
    if not values:
        return [Form.CONSTANT, None]
    if float in kinds or LexicalNumber in kinds:
        # At once what most columns of numbers are; whatever this declines is made canonical first.
        if kinds <= NUMBERS and not _is_common(values[len(values) // 2], values):
            regular = written_alike(values, kinds) if LexicalNumber in kinds else all_decimals(values)  # type: ignore[arg-type]
            if regular:
                return _with_odd(regular.plane, values, regular.odd)
        values = all_canonical(values, kinds)
        kinds = set(map(type, values))
    return _constant(values, kinds) or (
        texts(values)  # type: ignore[arg-type]
        if kinds == {str}
        else _of_numbers(values, kinds)  # type: ignore[arg-type]
        if kinds <= NUMBERS
        else _mixed(values, kinds)
    )


def _of_numbers(values: Sequence[int | float], kinds: set[type]) -> Plane:
    """The tightest form for canonical numbers."""
    regular = numbers(values, kinds)
    if regular is None:
        return [Form.MIXED, [pack_value(value) for value in values]]
    return _with_odd(regular.plane, values, regular.odd)


def _constant(values: Sequence[Value], kinds: set[type]) -> Plane | None:
    """One value for all places, or for all but a few; None where no value is so common."""
    common = values[len(values) // 2]
    if not _is_common(common, values):
        return None
    if len(kinds) == 1 and kinds <= _PLAIN:
        odd = [at for at, value in enumerate(values) if value != common]
    else:  # 1, 1.0 and TRUE are equal, and are not the same
        odd = [at for at, value in enumerate(values) if not identical(value, common)]
    return _with_odd([Form.CONSTANT, pack_value(common)], values, odd) if are_few(odd, values) else None


def _is_common(value: Value, values: Sequence[Value]) -> bool:
    """Whether all values but a few equal one."""
    return values.count(value) * FEW >= len(values) * (FEW - 1)


def _mixed(values: Sequence[Value], kinds: set[type]) -> Plane:
    """Values of several types: those of the most common one, and the others over them if they are few."""
    if len(kinds) == 1:
        return [Form.MIXED, [pack_value(value) for value in values]]
    sorts = ["number" if type(value) in NUMBERS else type(value).__name__ for value in values]
    common = max(sorted(set(sorts)), key=sorts.count)
    odd = [at for at, sort in enumerate(sorts) if sort != common]
    if common not in ("number", "str"):
        odd = []
    if odd and are_few(odd, values):
        return _with_odd(encode(filled(values, odd)), values, odd)
    return [Form.MIXED, [pack_value(value) for value in values]]


def _with_odd(plane: Plane, values: Sequence[Value], odd: Sequence[int]) -> Plane:
    """The plane with the odd ones of the values over it."""
    if not odd:
        return plane
    return [Form.OVERRIDES, plane, len(odd), encode(odd), encode([values[at] for at in odd])]


# Decoding, by form


def _decode_holes(plane: Plane, count: int) -> list[Value]:
    mask = f"{int.from_bytes(plane[1], 'little'):0{count}b}"[::-1]
    present = iter(decode(plane[2], mask.count("1")))
    return [next(present) if bit == "1" else None for bit in mask]


def _decode_overrides(plane: Plane, count: int) -> list[Value]:
    values = decode(plane[1], count)
    for at, value in zip(decode(plane[3], plane[2]), decode(plane[4], plane[2]), strict=True):
        values[at] = value  # type: ignore[index]
    return values


def _decode_runs(plane: Plane, _count: int) -> list[Value]:
    lengths, values = decode(plane[1], plane[3]), decode(plane[2], plane[3])
    return list(chain.from_iterable(map(repeat, values, lengths)))  # type: ignore[arg-type]


def _decode_choices(plane: Plane, _count: int) -> list[Value]:
    choices = decode(plane[2], plane[1])
    return [*map(choices.__getitem__, from_offsets(*plane[3:]))]


_DECODERS: dict[int, Callable[[Plane, int], list[Value]]] = {
    **DECODERS,
    Form.CONSTANT: lambda plane, count: [unpack_value(plane[1])] * count,
    Form.MIXED: lambda plane, _: [unpack_value(value) for value in plane[1]],
    Form.TEXTS: lambda plane, _: list(from_texts(*plane[1:])),
    Form.RUNS: _decode_runs,
    Form.HOLES: _decode_holes,
    Form.OVERRIDES: _decode_overrides,
    Form.CHOICES: _decode_choices,
}


# Decoding a part, by form


def _part_of_constant(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    return decode(plane, stop - start)


def _part_of_sequence(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    first, step = plane[1:]
    return list(range(first + step * start, first + step * stop, step))


def _part_of_offsets(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    """Of any form that ends in [width, numbers of that width]."""
    *form, width, raw = plane
    return decode([*form, width, raw[start * width : stop * width]], stop - start)


def _part_of_floats(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    return decode([Form.FLOATS, plane[1][start * 8 : stop * 8]], stop - start)


def _part_of_texts(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    return decode(part_of_texts(plane, start, stop), stop - start)


def _part_of_holes(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    mask = int.from_bytes(plane[1], "little")
    before = (mask & ((1 << start) - 1)).bit_count()
    inside = (mask >> start) & ((1 << (stop - start)) - 1)
    present = iter(decode_part(plane[2], mask.bit_count(), before, before + inside.bit_count()))
    return [next(present) if bit == "1" else None for bit in f"{inside:0{stop - start}b}"[::-1]]


def _part_of_overrides(plane: Plane, count: int, start: int, stop: int) -> list[Value]:
    values = decode_part(plane[1], count, start, stop)
    for at, value in zip(decode(plane[3], plane[2]), decode(plane[4], plane[2]), strict=True):
        if start <= at < stop:  # type: ignore[operator]
            values[at - start] = value  # type: ignore[operator, index]
    return values


_PARTS: dict[int, Callable[[Plane, int, int, int], list[Value]]] = {
    Form.CONSTANT: _part_of_constant,
    Form.INTEGERS: _part_of_offsets,
    Form.SEQUENCE: _part_of_sequence,
    Form.DECIMALS: _part_of_offsets,
    Form.FIXED: _part_of_offsets,
    Form.FLOATS: _part_of_floats,
    Form.TEXTS: _part_of_texts,
    Form.LEXICAL: _part_of_texts,
    Form.HOLES: _part_of_holes,
    Form.OVERRIDES: _part_of_overrides,
    Form.CHOICES: _part_of_offsets,
}
"""The forms of which a part is decoded alone; others are short, or decode whole."""
