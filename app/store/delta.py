"""Chunk bytes as they are stored: compressed, alone or as a patch of the chunk they replace.

A patch is zstd (RFC 8878) with the base's raw bytes as a raw-content dictionary, what the zstd tool
calls ``--patch-from``. Frames carry no magic number, checksum or dictionary id: the address proves the
content, and twenty bytes count where a whole revision should cost some hundreds.
"""

import zstandard

from app.store.protocol import CorruptChunk

STORED, ZSTD = b"\x00", b"\x01"
"""First byte of stored data: the raw bytes follow, or a zstd frame does."""

MAX_CHAIN = 32
"""How many patches may stand on one another before a chunk is stored against its chain's first."""

_LEVEL = 3
_DECOMPRESSED_LIMIT = 1 << 30


def compress(raw: bytes, base: bytes | None = None) -> bytes:
    """The stored form of `raw`, as a patch of `base`'s raw bytes where one is given."""
    if base is None:
        parameters = zstandard.ZstdCompressionParameters.from_level(
            _LEVEL, source_size=len(raw), format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=1
        )
        frame = zstandard.ZstdCompressor(compression_params=parameters).compress(raw)
        return ZSTD + frame if len(frame) < len(raw) else STORED + raw
    # The window must reach back over the whole base, and the hash table must have room for all of
    # it: sized for the patch alone, it forgets the base's beginning and the patch grows tenfold.
    reach = max(10, (len(raw) + len(base)).bit_length())
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL,
        source_size=len(raw),
        dict_size=len(base),
        window_log=min(reach, 27),
        hash_log=min(reach, 17),
        format=zstandard.FORMAT_ZSTD1_MAGICLESS,
        write_content_size=1,
        write_dict_id=0,
    )
    return ZSTD + zstandard.ZstdCompressor(
        dict_data=_dictionary(base), compression_params=parameters
    ).compress(raw)


def decompress(address: bytes, data: bytes, base: bytes | None = None) -> bytes:
    """The raw bytes of stored data. Raises CorruptChunk, naming `address`, whatever the bytes."""
    if data[:1] == STORED:
        return data[1:]
    if data[:1] != ZSTD:
        raise CorruptChunk(address, "it is stored in no form this version knows")
    dictionary = None if base is None else _dictionary(base)
    decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, format=zstandard.FORMAT_ZSTD1_MAGICLESS)
    try:
        return decompressor.decompress(data[1:], max_output_size=_DECOMPRESSED_LIMIT)
    except (zstandard.ZstdError, MemoryError) as error:
        raise CorruptChunk(address, str(error)) from None


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
