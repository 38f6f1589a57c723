"""Claims about what storage is counted."""

import pytest
from flask import Flask

from app.models.user import User
from app.services import access, commits, storage
from app.sheet.operations import Entered, SetCells
from tests.factories import NOW, make_grid, make_user


@pytest.fixture
def alice(app: Flask) -> User:
    """An ordinary user."""
    return make_user(app, "alice@example.org", "Alice")


def test_by_workbook_and_owner(app: Flask, alice: User) -> None:
    """Storage is counted by workbook and by owner; a longer history takes more, the larger comes first."""
    root = make_user(app, "root@example.org", admin=True)
    small = make_grid(app, alice, {"A1": 1}, name="Small")
    large = make_grid(app, alice, {"A1": 1}, name="Large")
    with app.app_context():
        commits.commit(alice, large, 1, [SetCells(1, {(0, 1): Entered(2)})], now=NOW, via="grid")
        found = storage.used(root)
        assert [workbook.workbook_id for workbook in found.workbooks] == [large, small]
        assert all(workbook.content_bytes and workbook.history_bytes for workbook in found.workbooks)
        total = sum(workbook.total_bytes for workbook in found.workbooks)
        assert [(owner.owner_name, owner.workbooks, owner.total_bytes) for owner in found.users] == [
            ("Alice", 2, total)
        ]
        assert found.database_bytes > total


def test_for_administrators_alone(app: Flask, alice: User) -> None:
    """An ordinary user is not told."""
    with app.app_context(), pytest.raises(access.Forbidden):
        storage.used(alice)
