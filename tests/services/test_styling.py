"""Looks of cells: set as revisions, told, moved past others' edits, taken back, and exported."""

import zipfile
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest

from app.formats.guard import Limits
from app.services import commits, editing, exports, history, imports, integrity, restores, revisions
from app.services.commits import Conflict
from app.services.editing import StyleRequest, TooManyCells
from app.services.packages import NoPackage
from app.services.restores import CannotRevert
from app.services.windows import View
from app.sheet.address import parse_range
from app.sheet.style_change import BadStyle, Border, StyleChange
from tests import corpus
from tests.factories import NOW, make_user
from tests.services.edits import edit, values

BOLD = StyleChange(bold=True)
FILE = "poi/SampleSS.xlsx"


@pytest.fixture
def alice(app):
    return make_user(app)


@pytest.fixture
def workbook_id(app, alice):
    """A new workbook, with something in two cells at revision 2."""
    with app.app_context():
        workbook_id = imports.create_blank(alice, uuid4(), "Budget", now=NOW).id
        edit(alice, workbook_id, 1, {"A1": 1.5, "B2": "two"})
        return workbook_id


def style(alice, workbook_id, base, area, change):
    request = StyleRequest(1, area, change)
    return editing.edit(alice, workbook_id, base, [request], now=NOW, via="grid")


def looks(alice, workbook_id, number=None):
    """The styles of cells that have any, by (row, column)."""
    state = revisions.open_revision(alice, workbook_id, number).state
    view = View(state, 1)
    cells = ((row, column, cell) for row, content in view.tree.rows() for column, cell in content.cells())
    return {(row, column): view.look.style(cell.style) for row, column, cell in cells if cell.style}


def exported(alice, workbook_id):
    with exports.export(alice, workbook_id, None, "xlsx").file as file:
        return BytesIO(file.read())


def members(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_look_is_a_revision_and_openpyxl_reads_it(app, alice, workbook_id):
    """Every property arrives in the file; values stay, empty cells take a look too, none is computed anew."""
    change = StyleChange(
        format="0.000", bold=True, italic=True, underline="double", strike=True, font="Arial", size=14,
        color="#ff0000", fill="#00ff00", borders={"bottom": Border("thick", "#0000ff")}, align="center",
        valign="top", wrap=True, indent=1, rotation=30,
    )  # fmt: skip
    with app.app_context():
        made = style(alice, workbook_id, 2, "A1:B1", change)
        assert (made.revision.number, made.revision.changed) == (3, 2)
        sheet = openpyxl.load_workbook(exported(alice, workbook_id))["Sheet1"]
        state = revisions.open_revision(alice, workbook_id, None).state
        assert not state.manifest.stale
        assert not integrity.check().problems
    assert (sheet["A1"].value, sheet["B1"].value, sheet["B2"].font.b) == (1.5, None, False)
    for cell in (sheet["A1"], sheet["B1"]):
        font, line, aligned = cell.font, cell.border.bottom, cell.alignment
        assert (font.b, font.i, font.u, font.strike, font.name, font.sz, font.color.rgb) == (
            True, True, "double", True, "Arial", 14, "FFFF0000",
        )  # fmt: skip
        assert (cell.number_format, cell.fill.fgColor.rgb) == ("0.000", "FF00FF00")
        assert (line.style, line.color.rgb) == ("thick", "FF0000FF")
        assert (aligned.horizontal, aligned.vertical, aligned.wrapText) == ("center", "top", True)
        assert (aligned.indent, aligned.textRotation) == (1, 30)


def test_only_the_rows_and_the_styles_of_a_real_file_change(app, alice):
    """All other parts are byte for byte those of the upload, other rows too."""
    source = corpus.file(FILE).read_bytes()
    with app.app_context():
        reading = imports.import_file(alice, uuid4(), BytesIO(source), "a.xlsx", limits=Limits(), now=NOW)
        workbook_id = imports.finish(reading).id
        style(alice, workbook_id, 1, "A2:B2", BOLD)
        file = exported(alice, workbook_id)
    before, after = members(BytesIO(source)), members(file)
    assert list(before) == list(after)
    assert {name for name in before if before[name] != after[name]} == {
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
    }
    rows = [part["xl/worksheets/sheet1.xml"].split(b"<row ") for part in (before, after)]
    assert [at for at, pair in enumerate(zip(*rows, strict=True)) if pair[0] != pair[1]] == [2]
    assert [cell.font.b for cell in openpyxl.load_workbook(file).worksheets[0][2][:2]] == [True] * 2


def test_looks_are_added_to_looks(app, alice, workbook_id):
    """A second change keeps the first, a cell that has the look already is not changed, nor one twice."""
    with app.app_context():
        style(alice, workbook_id, 2, "A1", BOLD)
        assert style(alice, workbook_id, 3, "A1:A2", BOLD).revision.changed == 1
        style(alice, workbook_id, 4, "A1", StyleChange(fill="#ffff00"))
        assert not style(alice, workbook_id, 5, "A1", BOLD).made
        assert looks(alice, workbook_id) == {
            (0, 0): {"bold": True, "fill": "#ffff00"},
            (1, 0): {"bold": True},
        }


def test_history_tells_looks_in_words(app, alice, workbook_id):
    """Which look, and of how many cells; a revert tells what was taken back."""
    with app.app_context():
        style(alice, workbook_id, 2, "A1:D3", StyleChange(bold=True, format="0.00"))
        restores.revert(alice, workbook_id, 3, now=NOW)
        told = [item.sheets[0] for item in history.list_revisions(alice, workbook_id).items[:2]]
        assert [(sheet.look, sheet.total, sheet.cells) for sheet in told] == [
            ("format General, no bold", 12, []),
            ("format 0.00, bold", 12, []),
        ]
        change = history.changes(alice, workbook_id, 3).items[0]
        assert (change.cell, change.old, change.new, change.look) == ("A1", "1.5", "1.5", "format 0.00, bold")


@pytest.mark.parametrize("area", ["A1:B2", "A1:D2000"])
def test_a_look_is_taken_back_under_later_edits(app, alice, workbook_id, area):
    """A value that came later stays, and so does a look that came later over a value that is taken back."""
    with app.app_context():
        style(alice, workbook_id, 2, area, BOLD)
        edit(alice, workbook_id, 3, {"A1": 7})
        restores.revert(alice, workbook_id, 3, now=NOW)
        assert looks(alice, workbook_id) == {}
        style(alice, workbook_id, 5, area, BOLD)
        restores.revert(alice, workbook_id, 4, now=NOW)
        assert values(alice, workbook_id)[0, 0] == 1.5
        assert looks(alice, workbook_id)[0, 0] == {"bold": True}
        assert not integrity.check().problems


@pytest.mark.parametrize("area", ["A1:B2", "A1:D2000"])
def test_others_edits_and_others_looks(app, alice, workbook_id, area):
    """A look goes past others' values, and values past looks; two looks of one cell are a conflict."""
    with app.app_context():
        edit(alice, workbook_id, 2, {"A1": 7})
        assert style(alice, workbook_id, 2, area, BOLD).rebased
        edit(alice, workbook_id, 3, {"B2": 8})
        assert values(alice, workbook_id)[0, 0] == 7
        assert looks(alice, workbook_id)[1, 1] == {"bold": True}
        with pytest.raises(Conflict) as caught:
            style(alice, workbook_id, 2, "B2:E2", StyleChange(italic=True))
        clashing = {(found.row, found.column) for found in caught.value.conflicts}
        assert clashing == {(1, column) for column in (1, 2, 3) if parse_range(area).covers(1, column)}
        style(alice, workbook_id, 5, "A1", StyleChange(italic=True))
        with pytest.raises(Conflict):
            restores.revert(alice, workbook_id, 4, now=NOW)


def test_whole_columns_are_styled_as_far_as_they_are_used(app, alice, workbook_id):
    """A whole column or row means its cells up to the last row or column that was ever used."""
    with app.app_context():
        style(alice, workbook_id, 2, "B1:B1048576", BOLD)
        style(alice, workbook_id, 3, "A1:XFD1", StyleChange(italic=True))
        assert looks(alice, workbook_id) == {
            (0, 0): {"italic": True},
            (0, 1): {"bold": True, "italic": True},
            (1, 1): {"bold": True},
        }


def test_a_look_whose_style_was_restored_away_does_not_come_back_as_another(app, alice, workbook_id):
    """Numbers of styles that a restore took away may mean other looks by now: a revert is refused."""
    with app.app_context():
        style(alice, workbook_id, 2, "A1", BOLD)
        style(alice, workbook_id, 3, "A1", StyleChange(bold=False))
        restores.restore(alice, workbook_id, 2, now=NOW)
        style(alice, workbook_id, 5, "C3", StyleChange(italic=True))
        with pytest.raises(CannotRevert):
            restores.revert(alice, workbook_id, 4, now=NOW)
        assert looks(alice, workbook_id) == {(2, 2): {"italic": True}}


def test_a_text_file_has_no_looks(app, alice):
    """A CSV file refuses a look by name, and nothing is saved."""
    with app.app_context():
        reading = imports.import_file(alice, uuid4(), BytesIO(b"a,b\n"), "a.csv", limits=Limits(), now=NOW)
        workbook_id = imports.finish(reading).id
        with pytest.raises(NoPackage, match="no place for styles"):
            style(alice, workbook_id, 1, "A1", BOLD)
        assert revisions.head_of(workbook_id) == 1


@pytest.mark.parametrize(
    "change",
    [
        StyleChange(),
        StyleChange(color="red"),
        StyleChange(fill="#12345"),
        StyleChange(borders={"top": Border("thin", "#xyzxyz")}),
        StyleChange(size=0),
        StyleChange(size=500),
        StyleChange(font=""),
        StyleChange(font="x" * 32),
        StyleChange(indent=-1),
        StyleChange(rotation=91),
        StyleChange(format=""),
        StyleChange(format="0;0;0;@;0"),
        StyleChange(format="\x01"),
    ],
)
def test_looks_that_no_cell_can_have(app, alice, workbook_id, change):
    """What Excel would not take is refused with a reason."""
    with app.app_context(), pytest.raises(BadStyle):
        style(alice, workbook_id, 2, "A1", change)


def test_more_cells_than_one_request_styles(app, alice, workbook_id):
    """Two whole columns are the most."""
    with app.app_context(), pytest.raises(TooManyCells):
        style(alice, workbook_id, 2, "A1:C1048576", BOLD)


def test_commits_of_operations_need_no_request(app, alice, workbook_id):
    """Nothing to change is no revision."""
    with app.app_context():
        assert not commits.commit(alice, workbook_id, 2, [], now=NOW, via="grid").made
