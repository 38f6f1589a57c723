"""Claims about what is removed because no revision needs it, and what never is."""

import threading
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, insert, select

from app.extensions import db
from app.models.chunk import Chunk
from app.models.revision import Revision
from app.services import commits, garbage, integrity, revisions
from app.services.revisions import chunks_of
from app.store.postgres import CACHE
from tests.factories import NOW, make_grid, make_user
from tests.services.edits import edit, sets, values


@pytest.fixture
def alice(app):
    """Whose workbooks are looked after."""
    return make_user(app)


@pytest.fixture
def workbook_id(app, alice):
    """A workbook of three hundred rows."""
    return make_grid(app, alice, {f"A{row}": row * 1.5 for row in range(1, 300)})


def plant(workbook_id, raw=b"garbage", replaces=None):
    """Store a chunk that nothing refers to; its address."""
    store = chunks_of(workbook_id)
    address = store.put(raw, replaces)
    store.flush()
    db.session.commit()
    return address


def stored(workbook_id):
    return set(db.session.scalars(select(Chunk.hash).where(Chunk.workbook_id == workbook_id)))


def set_twice(alice, workbook_id, base, first, second):
    """One commit that goes through a state on its way to another."""
    operations = [*sets(first), *sets(second)]
    return commits.commit(alice, workbook_id, base, operations, now=NOW, via="grid")


def test_garbage_goes_and_everything_else_stays(app, alice, workbook_id):
    """What nothing refers to is removed; every revision reads as before."""
    with app.app_context():
        for number in range(1, 8):
            edit(alice, workbook_id, number, {f"A{number * 30}": "x", "C5": number})
        before = [values(alice, workbook_id, number) for number in range(1, 9)]
        needed = stored(workbook_id)
        plant(workbook_id)
        collected = garbage.collect()
        assert (collected.chunks, collected.damaged, stored(workbook_id)) == (1, [], needed)
        CACHE.clear()
        assert [values(alice, workbook_id, number) for number in range(1, 9)] == before
        assert integrity.check().problems == []


def test_blocks_that_are_pending_stay(app, alice, monkeypatch):
    """A block that no node names yet is needed, and so is one that some older revision has."""
    monkeypatch.setattr("app.store.splitter.LEAST", 300)
    monkeypatch.setattr("app.store.splitter.MOST", 1_000)
    monkeypatch.setattr("app.store.node.MOST_FANOUT", 2)
    workbook_id = make_grid(app, alice, {f"A{row}": f"text {row * row}" for row in range(1, 300)})
    with app.app_context():
        for number in range(1, 5):
            edit(alice, workbook_id, number, {"A9": number})
        before = [values(alice, workbook_id, number) for number in range(1, 6)]
        assert revisions.open_revision(alice, workbook_id, None).state.sheet(1).pending.rows
        assert garbage.collect().chunks == 0
        CACHE.clear()
        assert [values(alice, workbook_id, number) for number in range(1, 6)] == before


def test_a_dry_run_removes_nothing(app, workbook_id):
    """What would be removed is counted the same, and stays."""
    with app.app_context():
        address = plant(workbook_id, b"garbage" * 100)
        would = garbage.collect(dry_run=True)
        assert address in stored(workbook_id)
        did = garbage.collect()
        assert would == did
        assert (did.chunks, did.bytes > 28) == (1, True)
        assert garbage.collect().chunks == 0


def test_what_others_are_patches_of_stays(app, alice, workbook_id):
    """A chunk that nothing refers to is kept while one that is needed is a patch of it."""
    with app.app_context():
        # Two steps of one commit: the second's block is a patch of the first's, which no state holds.
        set_twice(alice, workbook_id, 1, {"A5": "on the way"}, {"A6": "there"})
        reached = {bytes(row.base) for row in db.session.execute(select(Chunk.base)) if row.base}
        assert reached <= stored(workbook_id)
        garbage.collect()
        assert reached <= stored(workbook_id)
        CACHE.clear()
        assert values(alice, workbook_id)[4, 0] == "on the way"
        assert integrity.check().problems == []


def test_what_a_cache_knows_is_stored_again(app, alice, workbook_id):
    """A writer whose process remembers a chunk that was removed stores it anew when it comes back."""
    with app.app_context():
        # On the way, far below, the sheet holds a block that it does not hold in the end.
        far = {f"A{row}": f"far {row}" for row in range(5_000, 5_040)}
        set_twice(alice, workbook_id, 1, far, {**dict.fromkeys(far), "A1": "x"})
        assert garbage.collect().chunks > 0
        edit(alice, workbook_id, 2, far)
        assert integrity.check().problems == []
        after = values(alice, workbook_id)
        CACHE.clear()
        assert values(alice, workbook_id) == after


def test_a_damaged_workbook_is_left_alone(app, alice, workbook_id):
    """Where it cannot be told what is needed nothing is removed; other workbooks are looked after."""
    with app.app_context():
        other = make_grid(app, alice, {"A1": 1})
        planted, removed = plant(workbook_id), plant(other)
        root = revisions.revision_of(workbook_id, 1).root
        db.session.execute(delete(Chunk).where(Chunk.workbook_id == workbook_id, Chunk.hash == root))
        db.session.commit()
        collected = garbage.collect()
        assert (collected.damaged, collected.chunks) == ([workbook_id], 1)
        assert planted in stored(workbook_id)
        assert removed not in stored(other)


def test_a_workbook_that_lost_a_revision_is_left_alone(app, alice, workbook_id):
    """The chunks of a revision whose row is gone are kept, so that a back-up of the row brings it back."""
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": "two"})
        edit(alice, workbook_id, 2, {"A1": "three"})
        before = stored(workbook_id)
        db.session.execute(delete(Revision).where(Revision.number == 2))
        db.session.commit()
        assert garbage.collect().damaged == [workbook_id]
        assert stored(workbook_id) == before


def test_chunks_without_a_workbook_go(app, workbook_id):
    """What is left of a workbook that is gone is removed."""
    with app.app_context():
        gone = uuid4()
        db.session.execute(insert(Chunk).values(workbook_id=gone, hash=bytes(16), base=None, data=b"\x00"))
        db.session.commit()
        assert garbage.collect().chunks == 1
        assert stored(gone) == set()
        assert stored(workbook_id)


def test_a_removal_beside_writers_loses_nothing(app, alice, workbook_id):
    """While somebody edits, removals in between take nothing that an edit refers to."""
    written, collected_some = threading.Event(), threading.Event()
    failures = []

    def write():
        try:
            with app.app_context():
                for number in range(1, 41):
                    far = {f"A{row}": f"{number % 3} {row}" for row in range(5_000, 5_020)}
                    kept = dict.fromkeys(far) if number % 2 else far
                    set_twice(alice, workbook_id, number, far, {**kept, "A3": number})
                    assert number > 1 or collected_some.wait(60)
        except Exception as error:
            failures.append(error)
        finally:
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    with app.app_context():
        while not written.is_set():
            collected = garbage.collect()
            assert collected.damaged == []
            if collected.chunks:
                collected_some.set()
        writer.join()
        assert failures == []
        assert integrity.check().problems == []
        assert db.session.scalar(select(func.max(Revision.number))) == 41
        CACHE.clear()
        assert values(alice, workbook_id)[2, 0] == 40
