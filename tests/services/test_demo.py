"""The demo account."""

import pytest

from app.services import accounts, demo, history, revisions
from tests.factories import NOW, PASSWORD


def test_the_demo_has_a_real_history(app):
    """Two people, named versions, a revert and a restore: something to look at on every page."""
    with app.app_context():
        made = demo.make(PASSWORD, now=NOW)
        items = history.list_revisions(made.owner, made.workbook_id).items
        assert {item.author_name for item in items} == {"Dana Demo", "Sam Rivers"}
        assert {"upload", "grid", "revert", "restore"} == {item.via for item in items}
        assert len([item for item in items if item.name]) == 2
        assert [item.created_at for item in items] == sorted((i.created_at for i in items), reverse=True)
        assert items[0].created_at <= NOW


def test_the_demo_shows_totals(app):
    """Its formulas have values, as a file saved by Excel has."""
    with app.app_context():
        made = demo.make(PASSWORD, now=NOW)
        first = revisions.open_revision(made.owner, made.workbook_id, 1).state
        totals = [cell.computed for _, row in first.tree(1).rows() for _, cell in row.cells() if cell.formula]
        assert len(totals) == 15
        assert totals[-1] == sum(totals[:8]) == sum(totals[8:14])


def test_there_is_one_demo(app):
    """Asking twice makes nothing twice."""
    with app.app_context():
        demo.make(PASSWORD, now=NOW)
        with pytest.raises(accounts.EmailTaken):
            demo.make(PASSWORD, now=NOW)
