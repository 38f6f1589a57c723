"""Going back: an older state as the newest, or one revision undone."""

import pytest

from app.extensions import db
from app.services import restores, revisions
from app.services.commits import Conflict
from app.services.restores import CannotRevert
from app.sheet.cell import Cell
from app.store.postgres import CACHE
from tests.databases import sent
from tests.factories import NOW, make_grid, make_user
from tests.services.edits import edit, values


@pytest.fixture
def alice(app):
    return make_user(app)


def test_restore_makes_an_old_state_the_newest(app, alice):
    """Going back is a new revision over the same chunks, and can itself be gone back from."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2})
        made = restores.restore(alice, workbook_id, 1, now=NOW)
        assert (made.revision.number, made.revision.via, made.revision.via_detail) == (3, "restore", "1")
        assert values(alice, workbook_id) == {(0, 0): 1}
        restores.restore(alice, workbook_id, 2, now=NOW)
        assert values(alice, workbook_id) == {(0, 0): 2}


def test_a_restore_reads_no_chunk(app, alice):
    """It locks the workbook and moves its head, whatever the states hold and however old they are."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2})
        CACHE.clear()
        with sent(db.engine) as statements:
            restores.restore(alice, workbook_id, 1, now=NOW)
        assert len(statements) == 2
        assert not any("chunks" in statement for statement in statements)


def test_revert_takes_back_one_revision_and_keeps_later_ones(app, alice):
    """The cells a revision changed get their old values; what came after stays."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2, "A2": "added"})
        edit(alice, workbook_id, 2, {"B1": 3})
        restores.revert(alice, workbook_id, 2, now=NOW)
        assert values(alice, workbook_id) == {(0, 0): 1, (0, 1): 3}


def test_reverting_the_newest_is_undo_and_reverting_that_is_redo(app, alice):
    """Undo gives back the very state, and so does its own undo."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edited = edit(alice, workbook_id, 1, {"A1": 2}).revision
        undone = restores.revert(alice, workbook_id, 2, now=NOW).revision
        redone = restores.revert(alice, workbook_id, 3, now=NOW).revision
        first = revisions.revision_of(workbook_id, 1)
        assert (undone.root, redone.root) == (first.root, edited.root)


def test_a_restore_can_be_reverted_later(app, alice):
    """What a restore changed is found by comparing states, and undone under later edits."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2, "A5": "five"})
        restores.restore(alice, workbook_id, 1, now=NOW)
        edit(alice, workbook_id, 3, {"C1": "later"})
        restores.revert(alice, workbook_id, 3, now=NOW)
        assert values(alice, workbook_id) == {(0, 0): 2, (4, 0): "five", (0, 2): "later"}


def test_reverting_what_was_changed_again_is_a_conflict(app, alice):
    """A cell changed since would lose its newer value, so the revert is refused whole."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2, "B1": 2})
        edit(alice, workbook_id, 2, {"A1": 3})
        with pytest.raises(Conflict):
            restores.revert(alice, workbook_id, 2, now=NOW)
        assert values(alice, workbook_id) == {(0, 0): 3, (0, 1): 2}


def test_the_first_revision_cannot_be_reverted(app, alice):
    """There is nothing before it."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context(), pytest.raises(CannotRevert):
        restores.revert(alice, workbook_id, 1, now=NOW)


def test_an_edit_makes_formulas_stale_and_going_back_heals_them(app, alice):
    """Without an engine, values computed before an edit may not fit it; a restored state's do."""
    workbook_id = make_grid(app, alice, {"A1": 1, "B1": Cell(formula="\x01RC[-1]*2", computed=2)})
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2})
        assert revisions.open_revision(alice, workbook_id, None).state.manifest.stale
        restores.restore(alice, workbook_id, 1, now=NOW)
        assert not revisions.open_revision(alice, workbook_id, None).state.manifest.stale
