"""Windows get the links and notes of their cells, and no others."""

from hypothesis import given
from hypothesis import strategies as st

from app.formats import annotations
from app.formats.annotations import Annotations
from app.formats.xlsx.layout import Link
from app.formats.xlsx.notes import Note
from app.sheet.address import Range, parse_cell, parse_range

EDGES = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)
RANGES = st.builds(lambda rows, columns: Range(rows[0], columns[0], rows[1], columns[1]), EDGES, EDGES)


def test_what_goes_out():
    """Links and notes are JSON-ready, without what they do not say."""
    found = Annotations(
        [Link(Range(0, 0, 0, 0), "https://x.org", tip="tip"), Link(Range(1, 1, 2, 2), location="One!A1")],
        [Note(0, 1, "Ann", "text"), Note(3, 0, "", "")],
    )
    assert found.within(Range(0, 0, 9, 9)) == {
        "links": [
            {"range": "A1", "target": "https://x.org", "tip": "tip"},
            {"range": "B2:C3", "location": "One!A1"},
        ],
        "notes": [{"cell": "B1", "author": "Ann", "text": "text"}, {"cell": "A4", "text": ""}],
    }
    assert found.within(Range(5, 5, 9, 9)) == {}


@given(st.lists(RANGES, max_size=20), st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9))), RANGES)
def test_windows(areas: list[Range], places: set[tuple[int, int]], window: Range):
    """What a window gets is what touches it."""
    links = [Link(area, f"https://x.org/{n}") for n, area in enumerate(areas)]
    notes = [Note(row, column, "", "x") for row, column in sorted(places)]
    found = Annotations(links, notes).within(window)
    cells = set(window.positions())
    told = {(link["range"], link["target"]) for link in found.get("links", ())}
    touching = [link for link in links if cells & set(link.area.positions())]
    assert len(told) == len(touching)
    assert {(parse_range(name), target) for name, target in told} == {
        (link.area, link.target) for link in touching
    }
    assert [parse_cell(note["cell"]) for note in found.get("notes", ())] == sorted(places & cells)


def test_more_than_a_window_takes(monkeypatch):
    """So many are told, and no more."""
    monkeypatch.setattr(annotations, "MOST", 3)
    links = [Link(Range(0, 0, 5, 5), "https://x.org")] * 9
    found = Annotations(links, [Note(0, column, "", "x") for column in range(9)]).within(Range(0, 0, 9, 9))
    assert [len(found["links"]), len(found["notes"])] == [3, 3]
