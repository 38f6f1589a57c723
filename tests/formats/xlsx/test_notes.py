"""Notes on cells are read from comments and threads, whatever else their parts hold."""

import warnings
from pathlib import Path

import openpyxl
import pytest

from app.formats.guard import Limits, UnreadableFile
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.notes import LONGEST, Note, NotesReader
from app.formats.xlsx.package import Package
from app.formats.xlsx.reader import read
from app.sheet.document import Document
from tests import corpus
from tests.formats.xlsx.packages import DOC, MAIN, PACKAGE, document, worksheet

THREADED = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
FILES = [
    path
    for path in corpus.files(".xlsx", ".xlsm")
    if path.stat().st_size < 200_000 and b"comments" in path.read_bytes()[-50_000:].lower()
]
"""Those whose list of members, at the end of a zip file, names comments."""


def comments(*items: tuple[str, str], authors: str = "<author>Ann</author>") -> str:
    """A comments part of (reference, content of the text element) by the first author."""
    listed = "".join(
        f'<comment ref="{ref}" authorId="0"><text>{text}</text></comment>' for ref, text in items
    )
    listed = f"<authors>{authors}</authors><commentList>{listed}</commentList>"
    return f'<comments xmlns="{MAIN}">{listed}</comments>'


def rels(**targets: str) -> str:
    """A relationships part of targets by their types' last words."""
    links = "".join(
        f'<Relationship Id="r{n}" Type="{DOC}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def annotated(**parts: str) -> Document:
    """A workbook whose sheet has comments, threads and persons, as far as they are given."""
    places = {"comments": "xl/comments1.xml", "threadedComment": "xl/threads/t1.xml"}
    targets = {kind: f"../{place.removeprefix('xl/')}" for kind, place in places.items() if kind in parts}
    more = {
        "xl/worksheets/_rels/sheet1.xml.rels": rels(**targets),
        **{places[kind]: parts[kind] for kind in targets},
    }
    if "person" in parts:
        more["xl/_rels/workbook.xml.rels"] = rels(worksheet="worksheets/sheet1.xml", person="persons/p.xml")
        more["xl/persons/p.xml"] = parts["person"]
    return document(worksheet(""), more)


def notes(made: Document, sheet: int = 0) -> list[Note]:
    reader = NotesReader(Package.decode(made.package), made.parts)
    return reader.notes(Frame.decode(made.sheets[sheet].frame).sheet_id)


def test_comments():
    """Rich text comes as plain text, without how it is pronounced; row by row; odd references are none."""
    part = comments(
        ("B2", "<r><rPr><b/></rPr><t>Ann:</t></r><r><t>\r\nlook_x0021_</t></r><rPh><t>x</t></rPh>"),
        ("$A$1", "<t>plain &lt;1&gt;</t>"),
        ("nowhere", "<t>x</t>"),
    )
    assert notes(annotated(comments=part)) == [
        Note(0, 0, "Ann", "plain <1>"),
        Note(1, 1, "Ann", "Ann:\nlook!"),
    ]


def test_threads():
    """A thread takes the place of its placeholder; answers follow with the names of who wrote them."""
    threads = (
        f'<ThreadedComments xmlns="{THREADED}">'
        '<threadedComment ref="C3" personId="{1}" id="{a}"><text>Why?</text></threadedComment>'
        '<threadedComment ref="C3" personId="{2}" id="{b}"><text>Because.</text></threadedComment>'
        '<threadedComment ref="D4" personId="{3}" id="{c}"><text>Nobody</text></threadedComment>'
        "</ThreadedComments>"
    )
    persons = (
        f'<personList xmlns="{THREADED}"><person displayName="Ann" id="{{1}}"/>'
        '<person displayName="Bo" id="{2}"/></personList>'
    )
    part = comments(("C3", "<t>[Threaded comment] Your version …</t>"), ("A1", "<t>old</t>"))
    assert notes(annotated(comments=part, threadedComment=threads, person=persons)) == [
        Note(0, 0, "Ann", "old"),
        Note(2, 2, "Ann", "Why?\n\nBo: Because."),
        Note(3, 3, "", "Nobody"),
    ]


def test_a_sheet_without_notes():
    """A sheet need not have relationships, nor comments among them."""
    assert notes(document(worksheet(""))) == notes(annotated()) == []


def test_a_very_long_note():
    """So much of a note is shown as a page can take."""
    (note,) = notes(annotated(comments=comments(("A1", f"<t>{'x' * (LONGEST + 9)}</t>"))))
    assert note.text == "x" * LONGEST + "…"


@pytest.mark.parametrize("part", ["", "<comments>", '<!DOCTYPE c [<!ENTITY a "b">]><comments/>'])
def test_damaged_comments(part: str):
    """They are refused where they are read, and the import report says whose are not shown."""
    made = annotated(comments=part)
    with pytest.raises(UnreadableFile):
        notes(made)
    (warning,) = made.report["warnings"]
    assert "“One” are damaged" in warning


@pytest.mark.parametrize("part", ["<comments/>", "<other><commentList/></other>", comments(authors="")])
def test_comments_that_say_nothing(part: str):
    """A part without comments, or of something else, has no notes."""
    assert notes(annotated(comments=part)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_notes_of_real_files(path: Path):
    """Places, authors and texts of comments agree with openpyxl's reading, but for threads."""
    with warnings.catch_warnings(action="ignore"), path.open("rb") as file:
        try:
            theirs = openpyxl.load_workbook(path)
            ours = read(file, Limits())
        except Exception as error:
            pytest.skip(f"it cannot be read by both: {error}")
        for n, sheet in enumerate(ours.sheets):
            if sheet.kind != "worksheet":
                continue
            found = {(note.row + 1, note.column + 1): (note.author, note.text) for note in notes(ours, n)}
            expected = _openpyxl_notes(theirs[sheet.name])
            threads = {at for at, (author, _) in expected.items() if author.startswith("tc={")}
            assert {at: found[at] for at in found if at not in threads} == {
                at: expected[at] for at in expected if at not in threads
            }
            assert threads <= set(found)
            assert not any("[Threaded comment]" in found[at][1] for at in threads)


def _openpyxl_notes(sheet: openpyxl.worksheet.worksheet.Worksheet) -> dict[tuple[int, int], tuple[str, str]]:
    return {
        (cell.row, cell.column): (cell.comment.author or "", _lines(cell.comment.text))
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip("\n")
