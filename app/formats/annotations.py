"""What a sheet's file says of single cells beside their content: links and notes."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from app.formats.xlsx.layout import Link
from app.formats.xlsx.notes import Note
from app.sheet.address import Range, cell_name

MOST = 10_000
"""Links, and notes, that are told of one window: more than its cells are no use to a reader."""


class Annotations:
    """The links and notes of one sheet."""

    def __init__(self, links: Sequence[Link] = (), notes: Sequence[Note] = ()) -> None:
        """notes: row by row."""
        flat = [link for link in links if link.area.top == link.area.bottom]
        self._links = sorted(flat, key=lambda link: (link.area.top, link.area.left))
        self._link_rows = [link.area.top for link in self._links]
        # One that spans rows may begin anywhere before a window; there are few of them.
        self._tall = [link for link in links if link.area.top != link.area.bottom]
        self._notes = notes
        self._note_rows = [note.row for note in notes]

    def within(self, area: Range) -> dict[str, Any]:
        """What there is in an area, JSON-ready: {"links": […], "notes": […]}, each only where there are any.

        A link is {range, target or location, tip?}, a note {cell, author?, text}.
        """
        links = [_link(link) for link in islice(self._links_in(area), MOST)]
        notes = [_note(note) for note in islice(self._notes_in(area), MOST)]
        return {name: found for name, found in (("links", links), ("notes", notes)) if found}

    def _links_in(self, area: Range) -> Iterator[Link]:
        rows = self._link_rows
        near = self._links[bisect_left(rows, area.top) : bisect_left(rows, area.bottom + 1)]
        for link in (*near, *self._tall):
            top, left, bottom, right = link.area
            if top <= area.bottom and bottom >= area.top and left <= area.right and right >= area.left:
                yield link

    def _notes_in(self, area: Range) -> Iterator[Note]:
        rows = self._note_rows
        near = self._notes[bisect_left(rows, area.top) : bisect_left(rows, area.bottom + 1)]
        return (note for note in near if area.left <= note.column <= area.right)


def _link(link: Link) -> dict[str, str]:
    top, left, bottom, right = link.area
    name = cell_name(top, left)
    if link.area.size > 1:
        name += f":{cell_name(bottom, right)}"
    told = {"range": name, "target": link.target, "location": link.location, "tip": link.tip}
    return {member: text for member, text in told.items() if text}


def _note(note: Note) -> dict[str, str]:
    told = {"cell": cell_name(note.row, note.column), "author": note.author}
    return {member: text for member, text in told.items() if text} | {"text": note.text}
