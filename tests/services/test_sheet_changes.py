"""Sheets added, renamed, moved, hidden and deleted: as revisions, in the file, and taken back."""

import zipfile
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest

from app.formats.guard import Limits
from app.services import commits, exports, history, imports, integrity, restores, revisions
from app.services.packages import NoPackage
from app.services.restores import CannotRevert
from app.services.sheet_changes import LastVisibleSheet
from app.sheet.operations import (
    AddSheet,
    DeleteSheet,
    Entered,
    HideSheet,
    MoveSheet,
    RenameSheet,
    SetCells,
)
from app.sheet.sheet_name import BadSheetName
from app.store.state import SheetNotFound
from tests import corpus
from tests.factories import NOW, make_user
from tests.services.edits import edit, values

LISTS = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}


@pytest.fixture
def alice(app):
    return make_user(app)


@pytest.fixture
def workbook_id(app, alice):
    """A new workbook of three sheets, "Sheet1", "Two" and "Three", as its revision 2."""
    with app.app_context():
        workbook_id = imports.create_blank(alice, uuid4(), "Budget", now=NOW).id
        does(alice, workbook_id, 1, AddSheet("Three"), AddSheet("Two", 1))
        return workbook_id


def does(alice, workbook_id, base, *operations):
    return commits.commit(alice, workbook_id, base, operations, now=NOW, via="grid")


def sheets(alice, workbook_id):
    state = revisions.open_revision(alice, workbook_id, None).state
    return [(sheet.id, sheet.name, sheet.state) for sheet in state.sheets]


def uploaded(alice, source):
    reading = imports.import_file(alice, uuid4(), BytesIO(source), "a.xlsx", limits=Limits(), now=NOW)
    return imports.finish(reading).id


def exported(alice, workbook_id, number=None):
    with exports.export(alice, workbook_id, number, "xlsx").file as file:
        return BytesIO(file.read())


def members(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def differing(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_sheets_are_added_where_they_are_wanted_and_take_cells(app, alice, workbook_id):
    """New ids, the places asked for, and cells and looks as any sheet; one revision may do it all."""
    with app.app_context():
        assert sheets(alice, workbook_id) == [
            (1, "Sheet1", "visible"),
            (3, "Two", "visible"),
            (2, "Three", "visible"),
        ]
        does(alice, workbook_id, 2, AddSheet("Four"), SetCells(4, {(0, 0): Entered("x")}))
        book = openpyxl.load_workbook(exported(alice, workbook_id))
        assert (book.sheetnames, book["Four"]["A1"].value) == (["Sheet1", "Two", "Three", "Four"], "x")
        assert not integrity.check().problems


def test_renamed_moved_and_hidden(app, alice, workbook_id):
    """The list says so, in any order of operations, and the view shows a sheet that is visible."""
    with app.app_context():
        does(alice, workbook_id, 2, RenameSheet(1, "A & <B>"), MoveSheet(1, 99), HideSheet(3, True))
        assert sheets(alice, workbook_id) == [
            (3, "Two", "hidden"),
            (2, "Three", "visible"),
            (1, "A & <B>", "visible"),
        ]
        book = openpyxl.load_workbook(exported(alice, workbook_id))
        assert [(sheet.title, sheet.sheet_state) for sheet in book.worksheets] == [
            ("Two", "hidden"),
            ("Three", "visible"),
            ("A & <B>", "visible"),
        ]
        assert book.active.title == "A & <B>"
        does(alice, workbook_id, 3, HideSheet(3, False), HideSheet(1, True))
        assert openpyxl.load_workbook(exported(alice, workbook_id)).active.title == "Three"


def test_nothing_to_change_is_no_revision(app, alice, workbook_id):
    """The same name, place or state."""
    with app.app_context():
        same = RenameSheet(1, "Sheet1"), MoveSheet(1, 0), HideSheet(1, False)
        assert not does(alice, workbook_id, 2, *same).made


def test_history_tells_what_happened_to_sheets(app, alice, workbook_id):
    """In words, one sentence a change."""
    with app.app_context():
        does(
            alice, workbook_id, 2, RenameSheet(3, "Zwei"), MoveSheet(1, 2), HideSheet(2, True), DeleteSheet(3)
        )
        assert [item.title for item in history.list_revisions(alice, workbook_id).items[:2]] == [
            "The sheet “Two” was renamed to “Zwei”. A sheet was moved from place 1 to place 3. "
            "A sheet was hidden. The sheet “Zwei” was deleted.",
            "The sheet “Three” was added. The sheet “Two” was added.",
        ]


@pytest.mark.parametrize(
    "operation",
    [AddSheet("New", 0), RenameSheet(1, "New"), MoveSheet(1, 1), HideSheet(3, True), DeleteSheet(3)],
)
def test_each_change_is_taken_back_under_later_edits(app, alice, workbook_id, operation):
    """The list of sheets is what it was, with their ids and cells; the later edit stays."""
    with app.app_context():
        does(alice, workbook_id, 2, SetCells(3, {(1, 1): Entered("two")}))
        before, file = sheets(alice, workbook_id), members(exported(alice, workbook_id))
        does(alice, workbook_id, 3, operation)
        edit(alice, workbook_id, 4, {"A1": "later"})
        restores.revert(alice, workbook_id, 4, now=NOW)
        assert sheets(alice, workbook_id) == before
        assert values(alice, workbook_id) == {(0, 0): "later"}
        state = revisions.open_revision(alice, workbook_id, None).state
        assert state.tree(3).cell(1, 1).value == "two"
        after = exported(alice, workbook_id)
        assert members(after).keys() == file.keys()
        assert openpyxl.load_workbook(after)["Two"]["B2"].value == "two"
        assert not integrity.check().problems


def test_what_would_be_lost_is_not_taken_back(app, alice, workbook_id):
    """A new sheet that was filled since, one renamed again, and cells of one that is gone."""
    with app.app_context():
        does(alice, workbook_id, 2, SetCells(3, {(0, 0): Entered("x")}))
        does(alice, workbook_id, 3, RenameSheet(2, "Drei"))
        does(alice, workbook_id, 4, RenameSheet(2, "Trois"))
        for number in (2, 4):
            with pytest.raises(CannotRevert):
                restores.revert(alice, workbook_id, number, now=NOW)
        does(alice, workbook_id, 5, DeleteSheet(3))
        does(alice, workbook_id, 6, DeleteSheet(2))
        with pytest.raises(CannotRevert):
            restores.revert(alice, workbook_id, 3, now=NOW)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a" * 32,
        "\U0001f600" * 16,
        "'a",
        "a'",
        "History",
        "tWO",
        "a\nb",
        *(f"a{c}" for c in "[]:*?/\\"),
    ],
)
def test_names_excel_does_not_take(app, alice, workbook_id, name):
    """Too long, with forbidden characters, reserved, or taken already in any case."""
    with app.app_context():
        for operation in (AddSheet(name), RenameSheet(1, name)):
            with pytest.raises(BadSheetName):
                does(alice, workbook_id, 2, operation)
        assert revisions.head_of(workbook_id) == 2


def test_the_last_visible_sheet_stays(app, alice, workbook_id):
    """It can be neither hidden nor deleted."""
    with app.app_context():
        does(alice, workbook_id, 2, HideSheet(1, True), HideSheet(2, True))
        for operation in (HideSheet(3, True), DeleteSheet(3)):
            with pytest.raises(LastVisibleSheet):
                does(alice, workbook_id, 3, operation)


def test_a_sheet_that_is_gone(app, alice, workbook_id):
    """Nothing more can be done to it."""
    with app.app_context():
        does(alice, workbook_id, 2, DeleteSheet(3))
        for operation in (RenameSheet(3, "X"), DeleteSheet(3), MoveSheet(3, 0), HideSheet(3, True)):
            with pytest.raises(SheetNotFound):
                does(alice, workbook_id, 3, operation)
        does(alice, workbook_id, 3, AddSheet("New"))
        assert sheets(alice, workbook_id)[-1] == (4, "New", "visible")


def test_a_text_file_has_one_sheet(app, alice):
    """A CSV file refuses other sheets by name."""
    with app.app_context():
        reading = imports.import_file(alice, uuid4(), BytesIO(b"a,b\n"), "a.csv", limits=Limits(), now=NOW)
        workbook_id = imports.finish(reading).id
        with pytest.raises(NoPackage, match="no place for more sheets"):
            does(alice, workbook_id, 1, AddSheet("Two"))


FILES = corpus.sample(corpus.files(".xlsx", ".xlsm"), 40)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_sheets_of_real_files(app, alice, path):
    """Only the lists change; what is added, renamed, moved and hidden is read by openpyxl where it reads the
    file at all, and after all is taken back the sheets and every part but the lists are those of the file."""
    source = path.read_bytes()
    with app.app_context():
        try:
            workbook_id = uploaded(alice, source)
            names = openpyxl.load_workbook(BytesIO(source)).sheetnames
        except Exception as error:
            pytest.skip(f"it cannot be read by both: {error}")
        file, before = members(exported(alice, workbook_id)), sheets(alice, workbook_id)
        first = before[0][0]
        does(alice, workbook_id, 1, AddSheet("Added"))
        added = sheets(alice, workbook_id)[-1][0]
        changed = members(exported(alice, workbook_id))
        (new,) = changed.keys() - file.keys()
        assert differing(file, changed) <= {new, *LISTS}
        does(
            alice, workbook_id, 2, RenameSheet(first, "Renamed"), MoveSheet(first, 99), HideSheet(first, True)
        )
        after = exported(alice, workbook_id)
        assert differing(changed, members(after)) == {"xl/workbook.xml"}
        book = openpyxl.load_workbook(after)
        assert book.sheetnames == [*names[1:], "Added", "Renamed"]
        assert book["Renamed"].sheet_state == "hidden"
        does(alice, workbook_id, 3, DeleteSheet(first))
        deleted = exported(alice, workbook_id)
        assert openpyxl.load_workbook(deleted).sheetnames == [*names[1:], "Added"]
        assert differing(members(after), members(deleted)) >= LISTS
        does(alice, workbook_id, 4, RenameSheet(added, "Once more"))
        restores.revert(alice, workbook_id, 4, now=NOW)
        back = members(exported(alice, workbook_id))
        assert differing(changed, back) <= {*LISTS, "xl/calcChain.xml"}
        assert sheets(alice, workbook_id)[-1][0] == first
        assert openpyxl.load_workbook(exported(alice, workbook_id)).sheetnames[-1] == "Renamed"
        assert not integrity.check(workbook_id).problems
