"""DataFrames of workbooks, for those who may read them."""

from datetime import datetime
from uuid import uuid4

import pandas as pd
import pytest
from flask import Flask

from app.services import commits
from app.services.access import NotFound
from app.services.frames import create_from_frame, sheet_frame
from app.sheet.operations import Entered, SetCells
from app.store.state import SheetNotFound
from tests.factories import NOW, make_grid, make_user


def test_a_frame_of_any_revision(app: Flask) -> None:
    """The head is read unless a number says otherwise; an old revision stays what it was."""
    alice = make_user(app)
    workbook_id = make_grid(app, alice, {"A1": "Item", "B1": "Price", "A2": "Pen", "B2": 2})
    with app.app_context():
        edits = {(1, 1): Entered(2.5), (2, 0): Entered("Ink")}
        commits.commit(alice, workbook_id, 1, [SetCells(1, edits)], now=NOW, via="grid")
        old, new = sheet_frame(alice, workbook_id, 1), sheet_frame(alice, workbook_id)
        letters = sheet_frame(alice, workbook_id, 1, header=False)
    pd.testing.assert_frame_equal(old, pd.DataFrame({"Item": ["Pen"], "Price": [2]}))
    pd.testing.assert_frame_equal(new, pd.DataFrame({"Item": ["Pen", "Ink"], "Price": [2.5, None]}))
    assert letters.to_dict("list") == {"A": ["Item", "Pen"], "B": ["Price", 2]}


def test_only_for_readers(app: Flask) -> None:
    """Strangers find nothing, and a sheet that is not there is none."""
    alice, bob = make_user(app), make_user(app, "bob@example.org")
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        with pytest.raises(NotFound):
            sheet_frame(bob, workbook_id)
        with pytest.raises(SheetNotFound):
            sheet_frame(alice, workbook_id, sheet=7)


def test_a_frame_comes_back(app: Flask) -> None:
    """A frame that became a workbook is read as the frame it was, types and all."""
    alice = make_user(app)
    frame = pd.DataFrame(
        {
            "id": [2**62 + 1, -1, 3],
            "count": pd.array([1, None, 3], "Int64"),
            "price": [0.1, None, 1e300],
            "name": pd.array(["ä", None, ""], "str"),
            "sold": [True, False, True],
            "maybe": pd.array([True, None, False], "boolean"),
            "day": pd.Series(
                [datetime(2026, 3, 14, 9, 26, 53, 589_000), None, datetime(1900, 3, 1)],
                dtype="datetime64[ms]",
            ),
        }
    )
    workbook_id = uuid4()
    with app.app_context():
        create_from_frame(alice, workbook_id, "Frame", frame, now=NOW)
        back = sheet_frame(alice, workbook_id)
    pd.testing.assert_frame_equal(back, frame)
