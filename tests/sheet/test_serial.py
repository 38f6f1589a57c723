"""Serial dates count as spreadsheets count."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sheet.serial import MAX_SERIAL, calendar_day, day_serial


@given(st.integers(1, MAX_SERIAL), st.booleans())
def test_days_round_trip(serial: int, date1904: bool) -> None:
    """A serial's day gives the serial again, in both systems."""
    day = calendar_day(serial, date1904=date1904)
    if day is not None:
        assert day_serial(day.year, day.month, day.day, date1904=date1904) == serial


@given(st.integers(61, MAX_SERIAL))
def test_days_from_march_1900_on(serial: int) -> None:
    """From serial 61 on the calendar is the real one, weekdays too."""
    day = calendar_day(serial)
    real = date(1899, 12, 30) + timedelta(days=serial)
    assert day is not None
    assert (day.year, day.month, day.day) == (real.year, real.month, real.day)
    assert day.weekday == real.isoweekday() % 7


@pytest.mark.parametrize(
    ("day", "serial"),
    [
        ((1900, 1, 1), 1),
        ((1900, 2, 28), 59),
        ((1900, 2, 29), 60),
        ((1900, 3, 1), 61),
        ((9999, 12, 31), MAX_SERIAL),
    ],
)
def test_the_leap_day_that_never_was(day: tuple[int, int, int], serial: int) -> None:
    """29 February 1900 has a serial."""
    assert day_serial(*day) == serial
    found = calendar_day(serial)
    assert found is not None
    assert found[:3] == day


def test_days_there_are_none() -> None:
    """Days before the system begins, and days no month has, have no serial."""
    assert day_serial(1899, 12, 31) is None
    assert day_serial(2023, 2, 29) is None
    assert day_serial(1903, 12, 31, date1904=True) is None
    assert calendar_day(-1) is None
    assert calendar_day(MAX_SERIAL + 1) is None
