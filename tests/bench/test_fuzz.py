"""Damaged files are read or refused; none brings the product down, hangs it or fills its memory."""

import json

import pytest

from bench.fuzz.__main__ import main
from bench.fuzz.mutations import case


def test_two_thousand_damaged_files_do_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    """Each is read whole or refused with a reason, within 10 seconds and 256 MiB."""
    assert main(["2000", "--processes", "1"]) == 0
    *told, last = capsys.readouterr().out.splitlines()
    figures = json.loads(last)
    assert (told, figures["crash"], figures["timeout"], figures["memory"]) == ([], 0, 0, 0)
    assert figures["read"] > 500
    assert sum(figures["refused"].values()) == 2000 - figures["read"]


def test_the_files_are_the_same_every_time() -> None:
    """A number stands for one file, so a failure can be looked at again."""
    assert [case(number) for number in range(50)] == [case(number) for number in range(50)]
    assert len({case(number).file for number in range(50)}) > 45
