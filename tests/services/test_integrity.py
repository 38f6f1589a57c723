"""Claims about what a check finds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import delete, insert, select, text, update

from app.extensions import db
from app.models.chunk import Chunk
from app.models.revision import Revision
from app.models.workbook import Workbook
from app.services import commits, garbage, integrity, restores
from app.services.access import NotFound
from app.services.revisions import chunks_of, revision_of
from app.sheet.cell import Cell
from app.store.cache import ChunkCache
from app.store.postgres import PostgresChunks
from app.store.protocol import CorruptChunk, MissingChunk
from app.store.state import State
from tests.factories import NOW, make_grid, make_user
from tests.services.edits import edit, sets

SAMPLE = 40
"""How many bytes of a chunk are damaged, one after the other, where it has more."""


@pytest.fixture
def alice(app):
    """Whose workbooks are checked."""
    return make_user(app)


@pytest.fixture
def workbook_id(app, alice, monkeypatch):
    """A workbook with values, formulas, computed values and styles, and four revisions.

    Blocks and nodes are small, so that it has several of either, and a replaced block that is pending.
    """
    for limit, size in (("splitter.TARGET", 700), ("splitter.LEAST", 100), ("splitter.MOST", 2_100)):
        monkeypatch.setattr(f"app.store.{limit}", size)
    monkeypatch.setattr("app.store.node.LEAST_FANOUT", 1)
    monkeypatch.setattr("app.store.node.MOST_FANOUT", 2)
    cells = {f"A{row}": row * 1.25 for row in range(1, 60)}
    cells |= {f"B{row}": f"text {row * row}" for row in range(1, 60)}
    cells["C1"] = Cell(formula="1+1", computed=2, style=3)
    workbook_id = make_grid(app, alice, cells)
    with app.app_context():
        edit(alice, workbook_id, 1, {"A7": 70})
        edit(alice, workbook_id, 2, {f"D{row}": f"{row} letters of a message" for row in range(1, 120)})
        edit(alice, workbook_id, 3, {"B9": "nine"})
    return workbook_id


def corrupt(data, at):
    """The bytes with one of them changed for sure: every bit of it."""
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def hurt_by_reading(workbook_id, head):
    """The revisions that cannot be read whole, told by reading them as requests do, with nothing cached."""
    hurt = []
    for number in range(1, head + 1):
        store = PostgresChunks(db.session.connection(), workbook_id, ChunkCache(0))
        revision = revision_of(workbook_id, number)
        try:
            if revision.changeset_chunk:
                store.get(revision.changeset_chunk)
            state = State.load(store, revision.root)
            document = state.document()
            assert state.report is not None
            list(document.parts)
            for sheet in document.sheets:
                list(sheet.rows())
        except (CorruptChunk, MissingChunk):
            hurt.append(number)
    return hurt


def found_revisions(workbook_id):
    """The revisions that a check names for lost or damaged chunks, and the addresses."""
    problems = [one for one in integrity.check(workbook_id).problems if one.kind in ("missing", "corrupt")]
    return sorted({number for one in problems for number in one.revisions}), {one.address for one in problems}


def store_row(workbook_id, row):
    """Put a chunk's row (address, base, data) in the place of what is stored at its address."""
    db.session.execute(delete(Chunk).where(Chunk.workbook_id == workbook_id, Chunk.hash == row[0]))
    db.session.execute(insert(Chunk).values(workbook_id=workbook_id, hash=row[0], base=row[1], data=row[2]))
    db.session.commit()


def stored_rows(workbook_id):
    return [
        tuple(row)
        for row in db.session.execute(
            select(Chunk.hash, Chunk.base, Chunk.data).where(Chunk.workbook_id == workbook_id)
        )
    ]


def test_a_sound_store_is_clean(app, workbook_id):
    """Nothing is found where nothing is wrong, and everything was looked at."""
    with app.app_context():
        findings = integrity.check()
        assert findings.problems == []
        assert (findings.workbooks, findings.revisions, findings.unreachable) == (1, 4, 0)
        assert findings.chunks == len(stored_rows(workbook_id))
        sheet = State.load(chunks_of(workbook_id), revision_of(workbook_id, 4).root).manifest.sheets[0]
        assert (sheet.rows.level > 0, len(sheet.pending.rows) > 0) == (True, True)


def test_every_damaged_byte_is_found(app, workbook_id):
    """Any byte of any chunk that is not what it was is found, in the chunk that has it."""
    with app.app_context():
        for address, base, data in stored_rows(workbook_id):
            places = sorted({*range(0, len(data), len(data) // SAMPLE + 1), len(data) - 1})
            for at in places:
                store_row(workbook_id, (address, base, corrupt(data, at)))
                revisions, addresses = found_revisions(workbook_id)
                assert (addresses, bool(revisions)) == ({address}, True), (address.hex(), at)
            assert revisions == hurt_by_reading(workbook_id, 4)
            store_row(workbook_id, (address, base, data))
        assert integrity.check().problems == []


def test_every_byte_of_a_small_store_counts(app, alice, monkeypatch):
    """Whichever byte of whichever chunk is damaged: a check finds it, in the chunk that has it, and names all
    revisions that cannot be read; and reading those raises CorruptChunk or MissingChunk and nothing else."""
    monkeypatch.setattr(commits, "INLINE", 60)  # so that a changeset is a chunk
    workbook_id = make_grid(
        app, alice, {"A1": 1.5, "B1": "x", "C1": Cell(formula="1+1", computed=2, style=3)}
    )
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2, "A2": "two"})
        edit(alice, workbook_id, 2, {f"D{row}": row * row for row in range(1, 20)})
        garbage.collect()  # an edit that also adds rows leaves the step between
        rows = stored_rows(workbook_id)
        assert any(base for _, base, _ in rows)
        assert revision_of(workbook_id, 3).changeset_chunk
        for address, base, data in rows:
            for at in range(len(data)):
                store_row(workbook_id, (address, base, corrupt(data, at)))
                revisions, addresses = found_revisions(workbook_id)
                assert addresses == {address}, (address.hex(), at)
                # What stands on a damaged chunk is named too, also where its patch takes sound bytes only.
                assert set() < set(hurt_by_reading(workbook_id, 3)) <= set(revisions), (address.hex(), at)
            store_row(workbook_id, (address, base, data))
        assert integrity.check().problems == []


def test_every_lost_chunk_is_found(app, workbook_id):
    """A chunk that is gone is named, with exactly the revisions that cannot be read without it."""
    with app.app_context():
        rows = stored_rows(workbook_id)
        assert any(base for _, base, _ in rows)
        for row in rows:
            db.session.execute(delete(Chunk).where(Chunk.hash == row[0]))
            db.session.commit()
            assert found_revisions(workbook_id) == (hurt_by_reading(workbook_id, 4), {row[0]})
            store_row(workbook_id, row)


def test_a_wrong_base_is_found(app, workbook_id):
    """A patch that says it is one of another chunk, of none, or of itself, is damaged."""
    with app.app_context():
        rows = stored_rows(workbook_id)
        address, base, data = next(row for row in rows if row[1])
        other = next(row[0] for row in rows if row[0] not in (address, base) and row[2] != data)
        for wrong in (other, None, address):
            store_row(workbook_id, (address, wrong, data))
            revisions, addresses = found_revisions(workbook_id)
            assert revisions
            assert addresses == {address}
        store_row(workbook_id, (address, bytes(16), data))
        assert found_revisions(workbook_id)[1] == {bytes(16)}


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"message": "something else"}, "digest"),
        ({"author_id": "00000000-0000-4000-8000-000000000001"}, "digest"),
        ({"created_at": NOW.replace(microsecond=1)}, "digest"),
        ({"via": "upload"}, "digest"),
        ({"via_detail": "another"}, "digest"),
        ({"digest": bytes(32)}, "digest"),
        ({"changeset": b"\xff"}, "changeset"),
        ({"changed": 77}, "changeset"),
        ({"parent": 1}, "parent"),
        ({"parent": None}, "parent"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("workbook_id")
def test_a_changed_revision_is_found(app, changed, kind):
    """A row of the history that says anything else than what was committed is named."""
    with app.app_context():
        db.session.execute(update(Revision).where(Revision.number == 3).values(**changed))
        db.session.commit()
        problems = integrity.check().problems
        assert 3 in {number for one in problems if one.kind == kind for number in one.revisions}
        assert all(set(one.revisions) <= {3, 4} for one in problems)


def test_another_state_under_a_revision_is_found(app, workbook_id):
    """A revision whose row leads to another state than it was committed with is named."""
    with app.app_context():
        root = revision_of(workbook_id, 1).root
        db.session.execute(update(Revision).where(Revision.number == 3).values(root=root))
        db.session.commit()
        assert [(one.kind, one.revisions) for one in integrity.check().problems] == [("digest", [3])]


@pytest.mark.usefixtures("workbook_id")
def test_a_gap_is_found(app):
    """A revision that is gone is named by its number; so is one that the head misses."""
    with app.app_context():
        db.session.execute(delete(Revision).where(Revision.number == 2))
        db.session.commit()
        assert [(one.kind, one.revisions) for one in integrity.check().problems] == [("numbering", [2])]
        db.session.execute(update(Workbook).values(head=6))
        db.session.commit()
        assert [one.revisions for one in integrity.check().problems] == [[2], [5, 6]]
        db.session.execute(update(Workbook).values(head=3))
        db.session.commit()
        assert [(one.kind, one.revisions) for one in integrity.check().problems] == [
            ("numbering", [2]),
            ("head", [4]),
        ]


def test_a_state_that_contradicts_itself_is_found(app, workbook_id):
    """Rows that a tree does not have are found, though each chunk is what its address says."""
    with app.app_context():
        store = chunks_of(workbook_id)
        state = State.load(store, revision_of(workbook_id, 4).root)
        sheet = state.manifest.sheets[0]
        rows = replace(sheet.rows, counts=[count + 1 for count in sheet.rows.counts])
        manifest = replace(state.manifest, sheets=[replace(sheet, rows=rows)])
        root = State(store, manifest).save()
        store.flush()
        db.session.execute(update(Revision).where(Revision.number == 4).values(root=root))
        db.session.commit()
        problems = {one.kind: one for one in integrity.check().problems}
        assert problems.keys() == {"digest", "corrupt"}
        assert "rows" in problems["corrupt"].detail
        assert problems["corrupt"].revisions == [4]


def test_garbage_is_counted_and_no_damage(app, workbook_id):
    """A chunk that nothing refers to is told, not complained of."""
    with app.app_context():
        store_row(workbook_id, (b"\x01" * 16, None, b"\x00nothing"))
        findings = integrity.check()
        assert (findings.problems, findings.unreachable) == ([], 1)


def test_rows_without_a_workbook_are_found(app, workbook_id):
    """Chunks and rows of the history whose workbook is gone are named by its id."""
    with app.app_context():
        db.session.execute(text("SET LOCAL session_replication_role = replica"))  # foreign keys do not hold
        db.session.execute(delete(Workbook))
        db.session.commit()
        problems = integrity.check().problems
        assert {one.workbook_id for one in problems} == {workbook_id}
        assert sorted(one.detail.split(" ", 1)[1] for one in problems) == [
            "chunks whose workbook is gone",
            "revisions whose workbook is gone",
        ]


def test_one_workbook_alone(app, alice, workbook_id):
    """A check of one workbook does not look at the others; of one that is not there it is NotFound."""
    other = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        db.session.execute(delete(Chunk).where(Chunk.workbook_id == workbook_id))
        db.session.commit()
        assert integrity.check(other).problems == []
        assert integrity.check().workbooks == 2
        assert {one.workbook_id for one in integrity.check().problems} == {workbook_id}
        with pytest.raises(NotFound):
            integrity.check(alice.id)


def test_a_check_changes_nothing(app, workbook_id):
    """What is damaged is as damaged after a check."""
    with app.app_context():
        db.session.execute(update(Chunk).values(data=Chunk.data.concat(b"!")))
        db.session.commit()
        before = stored_rows(workbook_id)
        assert integrity.check().problems == integrity.check().problems != []
        assert stored_rows(workbook_id) == before


_addresses = st.builds(lambda column, row: f"{column}{row}", st.sampled_from("ABZ"), st.integers(1, 300))
_steps = st.one_of(
    st.dictionaries(_addresses, st.sampled_from([1, 2.5, "x", None]), min_size=1, max_size=4),
    st.tuples(st.sampled_from(["restore", "revert"]), st.integers(0, 20)),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_steps, min_size=1, max_size=3), min_size=1, max_size=10))
def test_clean_after_any_history(app, alice, history):
    """Whatever edits (several in a commit, too), restores and reverts: a check finds nothing."""
    workbook_id = make_grid(app, alice, {"A1": 1, "B2": "two", "A200": 3})
    with app.app_context():
        for steps in history:
            head = db.session.scalar(select(Workbook.head).where(Workbook.id == workbook_id))
            cells = [step for step in steps if isinstance(step, dict)]
            if cells:
                operations = [operation for one in cells for operation in sets(one)]
                commits.commit(alice, workbook_id, head, operations, now=NOW, via="grid")
                continue
            going_back, number = getattr(restores, steps[0][0]), steps[0][1] % head + 1
            try:
                going_back(alice, workbook_id, number, now=NOW)
            except (restores.CannotRevert, commits.Conflict):
                db.session.rollback()
        assert integrity.check(workbook_id).problems == []
