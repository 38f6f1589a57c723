"""Serial dates: the numbers spreadsheets keep dates and times as.

A serial counts days; its fraction is the time of day. In the 1900 system day 1 is 1 January 1900 and day
60 is 29 February 1900, which never was: Lotus 1-2-3 counted it and every spreadsheet since does
(ECMA-376 part 1, 18.17.4.1). In the 1904 system day 0 is 1 January 1904.
"""

from datetime import date, timedelta
from typing import NamedTuple

DAYS_1904 = 1462
"""What a 1904 serial lacks against the 1900 serial of the same day."""

MAX_SERIAL = 2_958_465
"""31 December 9999, the last day a spreadsheet knows, in the 1900 system."""

_LEAP_DAY_THAT_NEVER_WAS = 60
_BEFORE_LEAP_DAY = date(1899, 12, 31)
_AFTER_LEAP_DAY = date(1899, 12, 30)


class Day(NamedTuple):
    """A calendar day as a spreadsheet sees it: weekday 0 is Sunday; day 0 of January 1900 exists."""

    year: int
    month: int
    day: int
    weekday: int


def calendar_day(serial: int, *, date1904: bool = False) -> Day | None:
    """The day a whole serial names; None where there is none (negative, after the year 9999)."""
    if date1904:
        serial += DAYS_1904
    if not 0 <= serial <= MAX_SERIAL:
        return None
    weekday = (serial - 1) % 7
    if serial == 0:
        return Day(1900, 1, 0, weekday)
    if serial == _LEAP_DAY_THAT_NEVER_WAS:
        return Day(1900, 2, 29, weekday)
    start = _BEFORE_LEAP_DAY if serial < _LEAP_DAY_THAT_NEVER_WAS else _AFTER_LEAP_DAY
    day = start + timedelta(days=serial)
    return Day(day.year, day.month, day.day, weekday)


def day_serial(year: int, month: int, day: int, *, date1904: bool = False) -> int | None:
    """The serial of a calendar day; None where the calendar or the date system has no such day."""
    if (year, month, day) == (1900, 2, 29):
        serial = _LEAP_DAY_THAT_NEVER_WAS
    else:
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        serial = (found - _AFTER_LEAP_DAY).days
        if serial <= _LEAP_DAY_THAT_NEVER_WAS:
            serial -= 1
    if date1904:
        serial -= DAYS_1904
    return serial if serial >= (0 if date1904 else 1) else None
