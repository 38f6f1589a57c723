"""Commits: what is kept, what is refused, and what two people do at once."""

import threading
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models.revision import Revision
from app.services import access, commits, restores, revisions
from app.services.commits import Conflict
from app.services.revisions import RevisionNotFound
from app.sheet.address import BadAddress, parse_range
from app.sheet.cell import EMPTY, Cell
from app.sheet.operations import CellRefused, ClearCells, Entered, SetCells
from app.store.digest import revision_digest
from app.store.state import SheetNotFound
from tests.databases import connect, sent
from tests.factories import NOW, add_member, make_grid, make_user
from tests.faults.server import wait_until
from tests.services.edits import edit, sets, values


@pytest.fixture
def alice(app):
    return make_user(app)


def test_an_edit_is_the_next_revision(app, alice):
    """A commit gives the head's number plus one and its cells; older revisions stay as they were."""
    workbook_id = make_grid(app, alice, {"A1": 1, "B2": "x"})
    with app.app_context():
        made = edit(alice, workbook_id, 1, {"A1": 2, "C3": "new"})
        assert (made.revision.number, made.revision.changed, made.rebased) == (2, 2, False)
        assert values(alice, workbook_id) == {(0, 0): 2, (1, 1): "x", (2, 2): "new"}
        assert values(alice, workbook_id, 1) == {(0, 0): 1, (1, 1): "x"}


def test_what_changes_nothing_makes_no_revision(app, alice):
    """Typing the same value again leaves the history alone."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        made = edit(alice, workbook_id, 1, {"A1": 1, "Z9": None})
        assert (made.revision.number, made.made) == (1, False)


def test_two_people_keep_both_edits(app, alice):
    """Edits of different cells on the same base are both kept, the later one on top."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2})
        made = edit(alice, workbook_id, 1, {"B1": 3})
        assert (made.revision.number, made.rebased) == (3, True)
        assert values(alice, workbook_id) == {(0, 0): 2, (0, 1): 3}


def test_the_second_edit_of_the_same_cell_is_told(app, alice):
    """A cell that somebody else changed since the base is a conflict, and nothing of the edit is kept."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2})
        with pytest.raises(Conflict) as caught:
            edit(alice, workbook_id, 1, {"A1": 3, "B1": 4})
        found = [
            (c.row, c.column, c.base.value, c.theirs.value, c.yours.value) for c in caught.value.conflicts
        ]
        assert found == [(0, 0, 1, 2, 3)]
        assert values(alice, workbook_id) == {(0, 0): 2}


def test_the_same_change_by_two_people_is_no_conflict(app, alice):
    """Both typed the same: nothing is lost, so nobody is asked."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2})
        assert edit(alice, workbook_id, 1, {"A1": 2}).revision.number == 2


def test_a_repeated_request_gets_the_first_answer(app, alice):
    """A client that heard no answer sends the same key again; its edit is made once."""
    workbook_id, key = make_grid(app, alice, {"A1": 1}), uuid4()
    with app.app_context():
        first = edit(alice, workbook_id, 1, {"A1": 2}, key=key)
        edit(alice, workbook_id, 2, {"A1": 5})
        again = edit(alice, workbook_id, 1, {"A1": 2}, key=key)
        assert (first.revision.number, again.revision.number) == (2, 2)
        assert values(alice, workbook_id) == {(0, 0): 5}


def test_clearing_keeps_the_look(app, alice):
    """A cleared cell loses its value and keeps its style; one without a style is gone."""
    workbook_id = make_grid(app, alice, {"A1": Cell(1, style=3), "B1": 2, "C1": 3})
    with app.app_context():
        cleared = [ClearCells(1, parse_range("A1:B9"))]
        made = commits.commit(alice, workbook_id, 1, cleared, now=NOW, via="grid")
        tree = revisions.open_revision(alice, workbook_id, None).state.tree(1)
        assert made.revision.changed == 2
        assert list(tree.row(0).cells()) == [(0, Cell(style=3)), (2, Cell(3))]


@pytest.mark.parametrize(
    ("base", "cells", "sheet", "error"),
    [
        (9, {"A1": 1}, 1, RevisionNotFound),
        (0, {"A1": 1}, 1, RevisionNotFound),
        (2**40, {"A1": 1}, 1, RevisionNotFound),
        (1, {"A1": 1}, 7, SheetNotFound),
        (1, {"A1": "x" * 32_768}, 1, CellRefused),
    ],
)
def test_a_refused_edit_leaves_nothing(app, alice, base, cells, sheet, error):
    """An edit of a base, sheet or length that there is not is refused whole."""
    workbook_id = make_grid(app, alice, {"B1": 1})
    with app.app_context():
        with pytest.raises(error):
            commits.commit(alice, workbook_id, base, sets(cells, sheet), now=NOW, via="grid")
        assert values(alice, workbook_id) == {(0, 1): 1}


def test_a_cell_outside_the_sheet_is_refused(app, alice):
    """Row 1,048,577 does not exist."""
    workbook_id = make_grid(app, alice)
    outside = [SetCells(1, {(1_048_576, 0): Entered(1)})]
    with app.app_context(), pytest.raises(BadAddress):
        commits.commit(alice, workbook_id, 1, outside, now=NOW, via="grid")


def test_a_large_change_is_kept_whole_outside_its_row(app, alice):
    """The revision's row names a few cells of a large changeset; a chunk has all of it."""
    workbook_id = make_grid(app, alice)
    with app.app_context():
        made = edit(alice, workbook_id, 1, {f"A{row}": f"value {row}" for row in range(1, 2001)}).revision
        assert len(made.changeset) < commits.INLINE
        assert (made.changed, len(revisions.changeset_of(made).steps[0].cells)) == (2000, 2000)
        restores.revert(alice, workbook_id, 2, now=NOW)
        assert values(alice, workbook_id) == {}


def test_the_digests_chain_the_history(app, alice):
    """Each digest is made of its parent's and of all that its revision says."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2}, message="Corrected")
        restores.restore(alice, workbook_id, 1, now=NOW)
        db.session.expire_all()
        parent = b""
        for one in db.session.scalars(select(Revision).order_by(Revision.number)):
            expected = revision_digest(
                parent,
                root=one.root,
                changeset=one.changeset,
                changeset_chunk=one.changeset_chunk,
                author=one.author_id,
                at=one.created_at,
                via=one.via,
                via_detail=one.via_detail,
                message=one.message,
            )
            assert one.digest == expected
            parent = expected


def test_a_viewer_may_not_edit_and_a_stranger_sees_nothing(app, alice):
    """Roles are asked in the service too."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    viewer, stranger = make_user(app, "bob@example.org"), make_user(app, "eve@example.org")
    add_member(app, workbook_id, viewer, "viewer")
    with app.app_context():
        with pytest.raises(access.Forbidden):
            edit(viewer, workbook_id, 1, {"A1": 2})
        with pytest.raises(access.NotFound):
            edit(stranger, workbook_id, 1, {"A1": 2})
        assert values(viewer, workbook_id) == {(0, 0): 1}


def test_an_edit_of_nothing_at_all_is_no_revision(app, alice):
    """No operations, no change."""
    workbook_id = make_grid(app, alice)
    with app.app_context():
        assert not commits.commit(alice, workbook_id, 1, [], now=NOW, via="grid").made
        assert revisions.open_revision(alice, workbook_id, 1).state.tree(1).row(0).cell(0) == EMPTY


def test_an_edit_takes_two_round_trips(app, alice):
    """The lock with all it asks, and everything that is written: every keystroke pays for more."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context(), sent(db.engine) as statements:
        edit(alice, workbook_id, 1, {"A1": 2}, key=uuid4())
        assert len(statements) == 2


def test_a_restore_takes_two_round_trips(app, alice):
    """An older state comes back by its root: nothing of it is read."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2})
        with sent(db.engine) as statements:
            restores.restore(alice, workbook_id, 1, now=NOW, key=uuid4())
            assert len(statements) == 2


def blocked(database_url):
    """Whether somebody waits for a lock."""
    connection = connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return cursor.fetchone() == (1,)
    finally:
        connection.close()


class Late:
    """An edit that somebody else begins while `commit` holds the lock, and that has to wait for it."""

    def __init__(self, app, database_url, *arguments, **more):
        self._app, self._database_url, self._edit = app, database_url, partial(edit, *arguments, **more)
        self._thread = threading.Thread(target=self._work)
        self.made = None

    def begin(self):
        """Begin, and return when it waits."""
        self._thread.start()
        wait_until(lambda: blocked(self._database_url))

    def finish(self):
        """What it made."""
        self._thread.join()
        return self.made

    def _work(self):
        with self._app.app_context():
            self.made = self._edit()


def test_who_waited_for_the_lock_commits_on_the_new_head(app, alice, database_url):
    """The lock's statement began before the head moved; what it then reads is the head all the same."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    late = Late(app, database_url, alice, workbook_id, 1, {"B1": 3}, key=uuid4())

    def read(_state):
        late.begin()
        return sets({"A1": 2})

    with app.app_context():
        commits.commit_reading(alice, workbook_id, 1, read, now=NOW, via="grid")
        made = late.finish()
        assert (made.revision.number, made.rebased) == (3, True)
        assert values(alice, workbook_id) == {(0, 0): 2, (0, 1): 3}


def test_a_repeat_that_waits_for_its_first_try_gets_its_answer(app, alice, database_url):
    """A client that sent its edit again while the first try was under way: the edit is made once."""
    workbook_id, key = make_grid(app, alice), uuid4()
    late = Late(app, database_url, alice, workbook_id, 1, {"A1": 1}, key=key)

    def read(_state):
        late.begin()
        return sets({"A1": 1})

    with app.app_context():
        commits.commit_reading(alice, workbook_id, 1, read, now=NOW, via="grid", key=key)
        made = late.finish()
        assert (made.revision.number, made.made) == (2, True)
        assert revisions.head_of(workbook_id) == 2
