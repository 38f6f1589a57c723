"""Chunk bytes as they are stored: compressed, alone or as a patch of the chunk they replace.

A patch is zstd (RFC 8878) with the base's raw bytes as a raw-content dictionary, what the zstd tool
calls ``--patch-from``. Frames carry no magic number, checksum or dictionary id: the address proves the
content, and twenty bytes count where a whole revision should cost some hundreds.
"""

import threading
from collections.abc import Sequence
from functools import lru_cache

import zstandard

from app.store.protocol import CorruptChunk

_ZSTD = b"\x01"
"""First byte of stored data: a zstd frame follows."""

MAX_CHAIN = 32
"""How many patches may stand on one another before a chunk is stored against its chain's first."""

_LEVEL = 3
_NOT_DECODED = (zstandard.ZstdError, ValueError, MemoryError, SystemError)
"""What zstandard raises of bytes that are no frame; SystemError where it fails and forgets to say why."""


class _Alone(threading.local):
    """A thread's compressor of chunks that stand alone: making one takes as long as compressing a block."""

    def __init__(self) -> None:
        # Without sizes: zstd fits its parameters to each chunk.
        parameters = zstandard.ZstdCompressionParameters(
            compression_level=_LEVEL, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=1
        )
        self.compressor = zstandard.ZstdCompressor(compression_params=parameters)


_ALONE = _Alone()


def compress(raw: bytes, base: bytes | None = None) -> bytes:
    """The stored form of `raw`, as a patch of `base`'s raw bytes where one is given."""
    if base is None:
        return _ZSTD + _ALONE.compressor.compress(raw)
    parameters = _patch_parameters((len(raw) + len(base)).bit_length())
    return _ZSTD + zstandard.ZstdCompressor(
        dict_data=_dictionary(base), compression_params=parameters
    ).compress(raw)


def decompress(address: bytes, data: bytes, base: bytes | None = None) -> bytes:
    """The raw bytes of stored data. Raises CorruptChunk, naming `address`, whatever the bytes."""
    dictionary = None if base is None else _dictionary(base)
    try:
        raw = zstandard.ZstdDecompressor(dict_data=dictionary).decompress(_frame(address, data))
    except _NOT_DECODED as error:
        raise CorruptChunk(address, str(error)) from None
    # Of a frame that says it holds nothing, the decoder does not look at the rest.
    if not raw and data != compress(b""):
        raise CorruptChunk(address, "it holds nothing, and is not stored as nothing is")
    return raw


def decompress_chain(address: bytes, links: Sequence[bytes]) -> bytes:
    """The raw bytes that the last of several stored data stands for, each a patch of the one before it.

    One call for the whole chain: a decompressor with a dictionary of its own for each link takes ten
    times as long. Raises CorruptChunk, naming `address`, whatever the bytes.
    """
    if len(links) == 1:
        return decompress(address, links[0])
    frames: list[bytes | bytearray | memoryview] = [_frame(address, data) for data in links]
    try:
        return zstandard.ZstdDecompressor().decompress_content_dict_chain(frames)
    except _NOT_DECODED as error:
        raise CorruptChunk(address, str(error)) from None


@lru_cache(maxsize=64)
def _patch_parameters(reach: int) -> zstandard.ZstdCompressionParameters:
    """How to make a patch where it and its base together have less than 2^reach bytes."""
    # The window must reach back over the whole base, and the hash table must have room for all of
    # it: sized for the patch alone, it forgets the base's beginning and the patch grows tenfold.
    reach = max(10, reach)
    return zstandard.ZstdCompressionParameters.from_level(
        _LEVEL,
        source_size=1 << reach,
        dict_size=1 << reach,
        window_log=min(reach, 27),
        hash_log=min(reach, 17),
        format=zstandard.FORMAT_ZSTD1_MAGICLESS,
        write_content_size=1,
        write_dict_id=0,
    )


def _frame(address: bytes, data: bytes) -> bytes:
    """The zstd frame of stored data, with the magic number that it is stored without."""
    if data[:1] != _ZSTD:
        raise CorruptChunk(address, "it is stored in no form this version knows")
    return zstandard.FRAME_HEADER + data[1:]


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
