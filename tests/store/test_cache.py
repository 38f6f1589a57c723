"""The cache of chunks."""

from uuid import UUID

import pytest

from app.store.cache import CachedChunk, ChunkCache

BOOK = UUID(int=1)


def chunk(size):
    return CachedChunk(b"x" * size, 0, b"")


def test_the_least_recently_used_goes_first():
    """Over its limit the cache lets go of what was not asked for longest."""
    cache = ChunkCache(limit=200)
    for name in b"abcdefgh":
        cache.put(BOOK, bytes([name]), chunk(25))
    cache.get(BOOK, b"a")
    cache.put(BOOK, b"i", chunk(25))
    assert (cache.get(BOOK, b"a") is not None, cache.get(BOOK, b"b")) == (True, None)


def test_a_chunk_that_would_crowd_out_many_is_not_kept():
    """One large picture does not empty the cache of blocks."""
    cache = ChunkCache(limit=200)
    cache.put(BOOK, b"large", chunk(100))
    assert cache.get(BOOK, b"large") is None


def test_workbooks_have_their_own_chunks():
    """The same address in another workbook is another chunk."""
    cache = ChunkCache(limit=200)
    cache.put(BOOK, b"a", chunk(5))
    assert cache.get(UUID(int=2), b"a") is None


def test_what_is_cached_cannot_be_changed():
    """Threads share what the cache holds: neither a chunk nor its bytes can be altered by a reader."""
    cache = ChunkCache(limit=200)
    cache.put(BOOK, b"a", chunk(5))
    found = cache.get(BOOK, b"a")
    with pytest.raises(AttributeError):
        found.raw = b"other"
    with pytest.raises(TypeError):
        found.raw[0] = 0
    assert cache.get(BOOK, b"a") == chunk(5)
