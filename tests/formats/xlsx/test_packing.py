"""How a member was deflated is found by deflating it again."""

import zlib
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.xlsx import packing as packings
from app.formats.xlsx.packing import Packing, PackingSearch, deflated

_RANDOM = Random(1)  # noqa: S311
TEXT = b"".join(
    b'<c r="A%d" s="%d"><v>%d</v></c>' % (n, n % 7, _RANDOM.randrange(10**6)) for n in range(40_000)
)

PACKINGS = (
    *(Packing(level) for level in range(1, 10)),
    Packing(6, 9),
    *(
        Packing(strategy=strategy)
        for strategy in (zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED)
    ),
)


def found(packed: bytes, text: bytes, search: PackingSearch | None = None) -> Packing | None:
    def pieces() -> Iterator[bytes]:
        yield from (text[at : at + 100_000] for at in range(0, len(text), 100_000))

    return (search or PackingSearch()).find(pieces, lambda at, size: packed[at : at + size], len(packed))


def deflate(text: bytes, packing: Packing) -> bytes:
    return b"".join(deflated([text], packing))


@pytest.mark.parametrize("packing", PACKINGS, ids=str)
def test_zlibs_parameters_are_found(packing: Packing) -> None:
    """Whatever the level, the memory or the strategy: what is found gives the same bytes."""
    packed = deflate(TEXT, packing)
    again = found(packed, TEXT)
    assert again is not None
    assert deflate(TEXT, again) == packed


def test_libre_offices_blocks_are_found() -> None:
    """LibreOffice deflates long members in blocks of 128 KiB, side by side."""
    packing = Packing(block=128 * 1024)
    assert found(deflate(TEXT, packing), TEXT) == packing
    assert zlib.decompress(deflate(TEXT, packing), -15) == TEXT


@given(st.lists(st.integers(1, len(TEXT)), max_size=5), st.sampled_from([*PACKINGS, Packing(block=131072)]))
def test_the_pieces_make_no_difference(cuts: list[int], packing: Packing) -> None:
    """The same bytes come out whatever pieces go in."""
    places = [0, *sorted(cuts), len(TEXT)]
    pieces = [TEXT[a:b] for a, b in pairwise(places)]
    assert b"".join(deflated(pieces, packing)) == deflate(TEXT, packing)


@pytest.mark.parametrize("at", [0, 5_000, -1])
def test_other_bytes_are_not_reproduced(at: int) -> None:
    """One byte that differs, or is missing, is enough."""
    packed = bytearray(deflate(TEXT, Packing()))
    packed[at] ^= 0x40
    assert found(bytes(packed), TEXT) is None
    assert found(deflate(TEXT, Packing()) + b"!", TEXT) is None


def test_what_fitted_last_is_tried_first() -> None:
    """Where several packings give the same bytes, members of one file get the same one."""
    search = PackingSearch()
    assert found(deflate(b"abc", Packing(6)), b"abc", search) == Packing(6)
    assert found(deflate(TEXT, Packing(9)), TEXT, search) == Packing(9)
    assert found(deflate(b"abc", Packing(6)), b"abc", search) == Packing(9)


def test_a_search_ends_where_it_costs_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts that fail late use up its patience; a long member is not tried at slow levels."""
    nearly = deflate(TEXT, Packing(4))[:-1] + b"!"
    monkeypatch.setattr(packings, "_PATIENCE", 0)
    assert found(nearly, TEXT) is None
    assert found(deflate(TEXT, Packing(6)), TEXT) == Packing(6)
    monkeypatch.undo()
    monkeypatch.setattr(packings, "_SLOW_BYTES", 1000)
    assert found(deflate(TEXT, Packing(9)), TEXT) is None
