"""The notes on a worksheet's cells: comments, and the threads that newer versions of Excel keep beside them.

Of a thread the comments part has a placeholder for older versions, which the thread takes the place of.
"""

import posixpath
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

import msgspec

from app.formats.guard import UnreadableFile
from app.formats.xlsx.markup import child, children, decode_text, local, parse, whole
from app.formats.xlsx.package import Package, Relationship, links_of, normal
from app.sheet.address import BadAddress, parse_cell

LONGEST = 8_000
"""Characters of a note that are shown."""


class Note(msgspec.Struct, frozen=True):
    """What somebody noted on the cell at zero-based (row, column), as plain text."""

    row: int
    column: int
    author: str
    text: str


class NotesReader:
    """Reads the notes of a package's sheets."""

    def __init__(self, package: Package, parts: Sequence[bytes]) -> None:
        self._package, self._parts = package, parts
        places = zip(package.members, package.places, strict=True)
        self._named = {normal(member.text): place for member, place in places if place >= 0}

    def notes(self, sheet_id: int) -> list[Note]:
        """The notes of the sheet the workbook numbers so, row by row, at most one a cell.

        Raises UnreadableFile where a part they are read from is damaged.
        """
        member = next((one.member for one in self._package.sheets if one.sheet_id == sheet_id), -1)
        if member < 0:
            return []
        links = self._links(self._package.members[member].text)
        found: dict[tuple[int, int], Note] = {}
        for root in self._targets(links, "comments"):
            found |= {(note.row, note.column): note for note in _comments(root)}
        threads = list(self._targets(links, "threadedComment"))
        names = self._persons() if threads else {}
        for root in threads:
            found |= _threads(root, names)
        return [found[at] for at in sorted(found)]

    def damaged(self) -> list[str]:
        """The names of the sheets whose notes cannot be read."""
        found = []
        for entry in self._package.sheets:
            try:
                self.notes(entry.sheet_id)
            except UnreadableFile:
                found.append(entry.name)
        return found

    def _links(self, part: str) -> list[Relationship]:
        """The relationships of a part; none where it has no relationships part."""
        folder, base = posixpath.split(part.replace("\\", "/"))
        at = self._named.get(normal(f"{folder}/_rels/{base}.rels"))
        return [] if at is None else list(links_of(parse(self._parts[at], "relationships"), folder).values())

    def _targets(self, links: Sequence[Relationship], kind: str) -> Iterator[Element]:
        """The parts that relationships of a type lead to, parsed one at a time."""
        for link in links:
            at = self._named.get(normal(link.target))
            if link.type == kind and not link.external and at is not None:
                yield parse(self._parts[at], link.target)

    def _persons(self) -> dict[str, str]:
        """The names of those who write threads, by their ids."""
        at = self._package.places.index(self._package.roles["workbook"])
        return {
            person.get("id", ""): person.get("displayName", "")
            for root in self._targets(self._links(self._package.members[at].text), "person")
            for person in children(root, "person")
        }


def _comments(root: Element) -> Iterator[Note]:
    authors, comments = child(root, "authors"), child(root, "commentList")
    names = [] if authors is None else [author.text or "" for author in children(authors, "author")]
    for comment in [] if comments is None else children(comments, "comment"):
        place, by, text = _place(comment), whole(comment.get("authorId")), child(comment, "text")
        if place and text is not None:
            author = names[by] if by is not None and by < len(names) else ""
            yield _note(place, decode_text(author), "".join(_runs(text)))


def _threads(root: Element, names: dict[str, str]) -> dict[tuple[int, int], Note]:
    """A note a thread: the first comment, and those that answer it with their authors' names."""
    found: dict[tuple[int, int], Note] = {}
    for comment in children(root, "threadedComment"):
        place, text = _place(comment), child(comment, "text")
        if not place or text is None:
            continue
        author, said = names.get(comment.get("personId", ""), ""), text.text or ""
        first = found.get(place)
        if first is not None:
            author, said = first.author, f"{first.text}\n\n{author or 'Answer'}: {said}"
        found[place] = _note(place, author, said)
    return found


def _runs(text: Element) -> Iterator[str]:
    """The texts of a rich text, without those that tell how it is pronounced."""
    for part in text:
        if local(str(part.tag)) == "t":
            yield decode_text(part.text or "")
        elif local(str(part.tag)) == "r":
            yield from _runs(part)


def _place(comment: Element) -> tuple[int, int] | None:
    try:
        return parse_cell(comment.get("ref", ""))
    except BadAddress:
        return None


def _note(place: tuple[int, int], author: str, text: str) -> Note:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return Note(*place, author[:LONGEST], text if len(text) <= LONGEST else text[:LONGEST] + "…")
