"""What the columns of a table are called, and which numbers are dates."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from app.formats.look import Look
from app.formats.tables import are_dates, column_names, dates
from app.sheet.number_format import display

LOOK = Look(["General", "yyyy-mm-dd", "d.m.yy hh:mm", "hh:mm", "[h]:mm"], [{}] * 5)
FROM_1904 = Look(LOOK.codes, LOOK.styles, date1904=True)
GENERAL, DAY, MOMENT, TIME, ELAPSED = range(5)


def of_style(style, count):
    return np.full(count, style)


def test_names():
    """Columns are called by their heads, or by their letters, and each in its own way."""
    heads = {0: "Price", 1: " ", 2: "Price", 3: "Price.1", 4: " Note ", 26: "C"}
    names = column_names(heads, [0, 1, 2, 3, 4, 26, 27])
    assert names == ["Price", "B", "Price.1", "Price.1.1", "Note", "C", "AB"]


@pytest.mark.parametrize(
    ("serials", "style", "expected"),
    [
        ([45_000, 45_001.5, None], DAY, True),
        ([45_000], MOMENT, True),
        ([45_000], GENERAL, False),
        ([0.5], TIME, False),
        ([1.5], ELAPSED, False),
        ([45_000, 0], DAY, False),
        ([45_000, -1], DAY, False),
        ([45_000, 60], DAY, False),
        ([59, 61], DAY, True),
        ([2_958_465.9], DAY, True),
        ([2_958_466], DAY, False),
        ([45_000.0, float("nan")], DAY, False),
    ],
)
def test_dates_are_numbers_shown_as_days(serials, style, expected):
    """All must be days there are; times of day and elapsed times are numbers."""
    assert are_dates(pa.array(serials), of_style(style, len(serials)), LOOK) is expected


def test_all_must_be_shown_as_days():
    """One number that is shown as a number makes all of them numbers; empty cells may look as they like."""
    values = pa.array([45_000, None, 45_002])
    assert are_dates(values, np.array([DAY, GENERAL, MOMENT]), LOOK)
    assert not are_dates(values, np.array([DAY, DAY, GENERAL]), LOOK)


@pytest.mark.parametrize("values", [pa.array(["x"]), pa.array([True]), [1, "x"]])
def test_only_numbers_are_dates(values):
    """Texts and booleans in a date's format are what they are."""
    assert not are_dates(values, of_style(DAY, 1), LOOK)


@pytest.mark.parametrize("look", [LOOK, FROM_1904])
@pytest.mark.parametrize("serial", [1, 59, 61, 25_569, 45_000, 2_900_000])
def test_dates_are_what_cells_show(serial, look):
    """A date is the day that the grid shows for its number, in either date system."""
    assert are_dates(pa.array([serial]), of_style(DAY, 1), look)
    found = dates(pa.array([serial]), look)[0].as_py()
    assert f"{found:%Y-%m-%d}" == display(serial, "yyyy-mm-dd", date1904=look.date1904).text


def test_times_to_the_millisecond():
    """Moments come to the millisecond: a serial's own precision ends a little below."""
    noon = datetime(2023, 3, 15, 12)
    serials = [45_000.5, 45_000 + 1 / 3, None, 45_000.5 + 1 / 86_400_000]
    expected = [noon, noon - timedelta(hours=4), None, noon + timedelta(milliseconds=1)]
    assert dates(pa.array(serials), LOOK).to_pylist() == expected
