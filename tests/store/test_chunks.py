"""The contract of a chunk store, which every implementation keeps."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.extensions import db
from app.models.chunk import Chunk
from app.store.cache import ChunkCache
from app.store.delta import MAX_CHAIN
from app.store.memory import MemoryChunks
from app.store.postgres import PostgresChunks
from app.store.protocol import CorruptChunk, MissingChunk, address_of

DATABASE = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=["memory", "postgres"])
def store(request):
    """Each store there is, empty."""
    if request.param == "memory":
        yield MemoryChunks()
        return
    app = request.getfixturevalue("app")
    with app.app_context():
        yield fresh()
        db.session.rollback()


def fresh(workbook_id=None, cache=None):
    """A store on the session's transaction, with a cache that knows nothing."""
    return PostgresChunks(db.session.connection(), workbook_id or uuid4(), cache or ChunkCache(10**7))


@DATABASE
@given(st.binary(max_size=2_000), st.binary(max_size=2_000))
def test_what_is_put_can_be_got(store, one, other):
    """Bytes come back under the address of their content, alone or as a later state of others."""
    first = store.put(one)
    second = store.put(other, first)
    assert (first, second) == (address_of(one), address_of(other))
    assert (store.get(first), store.get(second)) == (one, other)
    assert store.get_many([first, second]) == {first: one, second: other}


def test_what_was_never_put_is_missing(store):
    """An unknown address is MissingChunk, and names it."""
    with pytest.raises(MissingChunk) as caught:
        store.get(b"\x07" * 16)
    assert caught.value.address == b"\x07" * 16


@DATABASE
@given(st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=5), st.data())
def test_what_was_flushed_is_read_by_another(app, contents, data):
    """Another store on the same workbook reads all of it from the database, whatever it is a patch of."""
    workbook_id = uuid4()
    with app.app_context():
        writer, address, addresses = fresh(workbook_id), None, []
        for content in contents:
            address = writer.put(content * 20, data.draw(st.sampled_from([None, address])))
            addresses.append(address)
        writer.flush()
        reader = fresh(workbook_id)
        assert [reader.get(address) for address in addresses] == [content * 20 for content in contents]
        db.session.rollback()


def test_a_later_state_is_stored_as_a_small_patch(app):
    """A changed cell costs its bytes, not its block's; a chain of patches is never longer than allowed."""
    workbook_id = uuid4()
    block = bytearray(b"".join(b"%d,a line of its own\n" % (at * at) for at in range(700)))
    with app.app_context():
        writer, address = fresh(workbook_id), None
        for at in range(3 * MAX_CHAIN):
            block[at * 7 : at * 7 + 1] = b"#"
            address = writer.put(bytes(block), address)
        writer.flush()
        sizes = list(db.session.scalars(select(func.length(Chunk.data)).order_by(func.length(Chunk.data))))
        assert sizes[3 * MAX_CHAIN // 2] < 60
        assert fresh(workbook_id).get(address) == bytes(block)
        db.session.rollback()


def test_many_chunks_go_by_copy_and_twice_is_once(app):
    """A bulk write keeps all of it, and what is there already stays as it is."""
    workbook_id = uuid4()
    contents = [b"chunk %d" % at for at in range(300)]
    with app.app_context():
        for _ in range(2):
            writer = fresh(workbook_id)
            addresses = [writer.put(content) for content in contents]
            writer.flush()
        assert db.session.scalar(select(func.count()).select_from(Chunk)) == 300
        assert list(fresh(workbook_id).get_many(addresses).values()) != []
        assert fresh(workbook_id).get_many(addresses) == dict(zip(addresses, contents, strict=True))
        db.session.rollback()


def test_workbooks_do_not_see_each_others_chunks(app):
    """The same bytes in two workbooks are two chunks."""
    with app.app_context():
        writer = fresh()
        address = writer.put(b"secret")
        writer.flush()
        with pytest.raises(MissingChunk):
            fresh().get(address)
        db.session.rollback()


def test_nothing_of_an_aborted_write_stays_in_the_cache(app):
    """What a transaction that failed had written is not found afterwards."""
    workbook_id, cache = uuid4(), ChunkCache(10**7)
    with app.app_context():
        writer = fresh(workbook_id, cache)
        address = writer.put(b"gone")
        writer.flush()
        assert writer.get(address) == b"gone"
        db.session.rollback()
        with pytest.raises(MissingChunk):
            fresh(workbook_id, cache).get(address)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_damaged_chunk_is_corrupt_and_nothing_else(app, place):
    """Any byte that is not what it was is noticed when the chunk is read."""
    workbook_id = uuid4()
    with app.app_context():
        writer = fresh(workbook_id)
        base = writer.put(b"the quick brown fox " * 40)
        address = writer.put(b"the quick brown fax " * 40, base)
        writer.flush()
        for target in (base, address):
            data = bytearray(db.session.scalars(select(Chunk.data).where(Chunk.hash == target)).one())
            data[{"first": 0, "middle": len(data) // 2, "last": -1}[place]] ^= 0x55
            db.session.execute(update(Chunk).where(Chunk.hash == target).values(data=bytes(data)))
            with pytest.raises(CorruptChunk):
                fresh(workbook_id).get(address)
            data[{"first": 0, "middle": len(data) // 2, "last": -1}[place]] ^= 0x55
            db.session.execute(update(Chunk).where(Chunk.hash == target).values(data=bytes(data)))
        assert fresh(workbook_id).get(address) == b"the quick brown fax " * 40
        db.session.rollback()


def test_a_patch_without_its_base_is_missing(app):
    """Which chunk is gone is told by name."""
    workbook_id = uuid4()
    with app.app_context():
        writer = fresh(workbook_id)
        base = writer.put(b"the quick brown fox " * 40)
        address = writer.put(b"the quick brown fax " * 40, base)
        writer.flush()
        db.session.execute(Chunk.__table__.delete().where(Chunk.hash == base))
        with pytest.raises(MissingChunk) as caught:
            fresh(workbook_id).get(address)
        assert caught.value.address == base
        db.session.rollback()


def test_what_is_there_already_keeps_its_chain(app):
    """A writer whose cache does not know a chunk's real chain does not lengthen it beyond what is allowed."""
    workbook_id = uuid4()
    block = bytearray(b"".join(b"%d,a line of its own\n" % (at * at) for at in range(700)))
    with app.app_context():
        writer, addresses = fresh(workbook_id), []
        for at in range(MAX_CHAIN + 1):
            block[at * 7 : at * 7 + 1] = b"#"
            addresses.append(writer.put(bytes(block), addresses[-1] if addresses else None))
        writer.flush()
        other = fresh(workbook_id)
        # Somebody restores the first and edits it until it is the last again.
        address = other.put(bytes(block), addresses[0])
        other.flush()
        for at in range(3):
            block[at * 7 : at * 7 + 1] = b"!"
            address = other.put(bytes(block), address)
            other.flush()
        links, link = 0, address
        while link := db.session.scalar(select(Chunk.base).where(Chunk.hash == link)):
            links += 1
        assert links <= MAX_CHAIN
        assert fresh(workbook_id).get(address) == bytes(block)
        db.session.rollback()
