"""What is said of an uploaded file."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook as Package
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from app.formats.guard import Limits
from app.models.user import User
from app.services import imports, reports
from app.services.reports import FileReport, SheetFacts
from tests.factories import NOW, make_grid, make_user, sign_in
from tests.services.edits import edit


@pytest.fixture
def alice(app: Flask) -> User:
    """Who uploads."""
    return make_user(app)


def _upload(app: Flask, actor: User, content: bytes, name: str) -> UUID:
    workbook_id = uuid4()
    with app.app_context():
        file = BytesIO(content)
        imports.finish(imports.import_file(actor, workbook_id, file, name, limits=Limits(), now=NOW))
    return workbook_id


def _report(app: Flask, actor: User, workbook_id: UUID) -> FileReport:
    with app.app_context():
        return reports.file_report(actor, workbook_id, None)


def _rich() -> bytes:
    package = Package()
    sheet: Any = package.active
    sheet.append([1, "=A1*2"])
    sheet["A1"].font = Font(bold=True)
    sheet["A1"].comment = Comment("hello", "me")
    sheet["C1"].hyperlink = "https://example.org/"
    sheet.merge_cells("A3:B4")
    sheet.add_data_validation(DataValidation(type="whole", sqref="A9"))
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1))  # type: ignore[no-untyped-call]
    sheet.add_chart(chart, "E5")
    package.create_chartsheet("Diagram")
    package.defined_names["Total"] = DefinedName("Total", attr_text="Sheet!$A$1")
    file = BytesIO()
    package.save(file)
    return file.getvalue()


def test_what_a_workbook_holds(app: Flask, alice: User) -> None:
    """Sheets with their cells; what the grid shows, and what is carried; nothing that is not there."""
    told = _report(app, alice, _upload(app, alice, _rich(), "rich.xlsx"))
    assert told.sheets[0] == SheetFacts("Sheet", "worksheet", 3, 1)
    assert told.sheets[1].kind == "chartsheet"
    assert {what: count for count, what in told.shown} == {
        "cell styles": 2,
        "merged range": 1,
        "link": 1,
        "sheet with comments": 1,
    }
    carried = {what: count for count, what in told.carried}
    assert (carried["defined name"], carried["data validation"]) == (1, 1)
    assert "macro project" not in carried
    assert any("Diagram" in note for note in told.notes)


def test_how_a_text_file_is_written(app: Flask, alice: User) -> None:
    """Its encoding, delimiter and line ends, in words."""
    told = _report(app, alice, _upload(app, alice, b"a;b\r\n1,5;2\r\n", "a.csv"))
    assert dict(told.facts)["Fields divided by"] == "semicolons"
    assert dict(told.facts)["Line ends"] == "CRLF"


def test_an_edit_leaves_the_report(app: Flask, alice: User) -> None:
    """It is about the file, whatever became of the workbook since; one that was made here has none."""
    workbook_id = _upload(app, alice, b"a\n", "a.csv")
    with app.app_context():
        edit(alice, workbook_id, 1, {"A1": 2})
    told = _report(app, alice, workbook_id)
    assert (told.number, told.source.name if told.source else "") == (2, "a.csv")
    assert _report(app, alice, make_grid(app, alice)).source is None


def test_pages_and_api(app: Flask, client: FlaskClient, alice: User) -> None:
    """The page says it in words, the API with what the reader counted."""
    workbook_id = _upload(app, alice, _rich(), "<rich>.xlsx")
    browser = sign_in(app, client, alice)
    page = browser.get(f"/workbooks/{workbook_id}/revisions/1/file").text
    assert "&lt;rich&gt;.xlsx" in page
    assert "1 data validation" in page
    told = browser.get(f"/api/v1/workbooks/{workbook_id}/revisions/head/report").json or {}
    assert told["file"]["name"] == "<rich>.xlsx"
    assert told["report"]["features"]["merges"] == 1
    blank = make_grid(app, alice)
    assert "made here" in browser.get(f"/workbooks/{blank}/revisions/1/file").text
    assert (browser.get(f"/api/v1/workbooks/{blank}/revisions/1/report").json or {})["file"] is None
