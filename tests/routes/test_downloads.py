"""Downloads, as the programs that open them read them."""

import csv
import io
import zipfile
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook as Package
from werkzeug.test import TestResponse

from tests.factories import make_user, sign_in

TEXTS = ["=1+1", "+49 30", "-x", "@SUM(A1)", "\ttab", "'quoted", "plain", 'ü,"q"\nline']


@pytest.fixture
def browser(app: Flask, client: FlaskClient) -> FlaskClient:
    """A browser in which Alice is signed in."""
    return sign_in(app, client, make_user(app))


@pytest.fixture
def workbook_id(browser: FlaskClient) -> UUID:
    """Two sheets of formatted numbers, merged cells, hidden rows and columns, and texts like formulas."""
    package = Package()
    sheet: Any = package.active
    sheet.title = "Zahlen 2026"
    sheet.append(["Name", "When", "Price", "hidden", "Share"])
    sheet.append(["<b>Pen</b>", 46095, 1234.567, "no", 0.25])
    sheet.append(["gone", 1, 2, "no", 3])
    sheet.append(["Ink & co", 46096.5, -0.004, "no", 1])
    sheet["B2"].number_format = sheet["B4"].number_format = "yyyy-mm-dd"
    sheet["C2"].number_format = "#,##0.00"
    sheet["E2"].number_format = "0%"
    sheet.merge_cells("A6:C8")
    sheet["A6"] = "merged"
    sheet["E7"] = "beside"
    sheet.column_dimensions["D"].hidden = True
    sheet.row_dimensions[3].hidden = True
    other = package.create_sheet("Texts")
    for text in TEXTS:
        other.append([text, -5])
        other.cell(other.max_row, 1).data_type = "s"
    file = BytesIO()
    package.save(file)
    return _upload(browser, file.getvalue(), "Käse & 日本.xlsx")


def _upload(browser: FlaskClient, content: bytes, name: str) -> UUID:
    made = browser.post("/api/v1/workbooks", data={"file": (BytesIO(content), name)})
    return UUID((made.json or {})["id"])


def _get(browser: FlaskClient, workbook_id: UUID, query: str, **headers: str) -> TestResponse:
    path = f"/api/v1/workbooks/{workbook_id}/revisions/head/export?{query}"
    with browser.get(path, headers=headers) as answer:
        answer.get_data()
        return answer


def _rows(content: bytes, **more: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), **more))


def test_csv_has_what_cells_show(browser: FlaskClient, workbook_id: UUID) -> None:
    """Dates are dates and percentages percentages; a number without a format, and any as asked, is exact."""
    shown = _rows(_get(browser, workbook_id, "format=csv").data)
    assert shown[1] == ["<b>Pen</b>", "2026-03-14", "1,234.57", "no", "25%"]
    assert shown[3] == ["Ink & co", "2026-03-15", "-0.004", "no", "1"]
    raw = _rows(_get(browser, workbook_id, "format=csv&values=raw").data)
    assert raw[1] == ["<b>Pen</b>", "46095", "1234.567", "no", "0.25"]


def test_tsv(browser: FlaskClient, workbook_id: UUID) -> None:
    """Tabs divide the fields; pandas reads the table."""
    answer = _get(browser, workbook_id, "format=tsv&values=raw")
    assert answer.mimetype == "text/tab-separated-values"
    frame = pd.read_csv(io.BytesIO(answer.data), sep="\t")
    assert frame["Price"].tolist()[:3] == [1234.567, 2, -0.004]


def test_a_csv_file_as_tsv(browser: FlaskClient) -> None:
    """A file comes back as it was in its own form, and is written anew in the other."""
    workbook_id = _upload(browser, b"a;'b'\n1,5;007\n", "a.csv")
    assert _get(browser, workbook_id, "format=csv").data == b"a;'b'\n1,5;007\n"
    assert _get(browser, workbook_id, "format=tsv").data == b"a\t'b'\r\n1,5\t007\r\n"
    tabbed = _upload(browser, b"a\tb\n", "b.tsv")
    assert _get(browser, tabbed, "format=tsv").data == b"a\tb\n"
    assert _get(browser, tabbed, "format=csv").data == b"a,b\r\n"


def test_texts_like_formulas(browser: FlaskClient, workbook_id: UUID) -> None:
    """By default they are exact; with a mark, where that is wanted, which comes off again. Numbers stay."""
    exact = _rows(_get(browser, workbook_id, "format=csv&sheet=2").data)
    assert exact == [[text, "-5"] for text in TEXTS]
    safe = _rows(_get(browser, workbook_id, "format=csv&sheet=2&safe=1").data)
    assert [row[0][0] for row in safe] == [*"''''''", "p", "ü"]
    assert [[row[0].removeprefix("'"), row[1]] for row in safe] == exact
    typed = _upload(browser, b'"=A1",-5,x\n', "a.csv")
    assert _get(browser, typed, "format=csv&safe=1").data == b"'=A1,-5,x\n"


@pytest.mark.parametrize("format", ["csv", "tsv", "html", "parquet", "jsonl", "json"])
def test_all_sheets(browser: FlaskClient, workbook_id: UUID, format: str) -> None:
    """A zip with a file a sheet, each what the sheet alone is."""
    answer = _get(browser, workbook_id, f"format={format}&sheet=all")
    with zipfile.ZipFile(BytesIO(answer.data)) as archive:
        assert archive.namelist() == [f"Zahlen 2026.{format}", f"Texts.{format}"]
        second = _get(browser, workbook_id, f"format={format}&sheet=2").data
        assert archive.read(f"Texts.{format}") == second
    assert answer.mimetype == "application/zip"
    assert _get(browser, workbook_id, f"format={format}&sheet=all").data == answer.data


class _Reader(HTMLParser):
    """The texts and spans of a table's cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, int, int]]] = []
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            spans = dict(attrs)
            self.rows[-1].append(("", int(spans.get("colspan") or 1), int(spans.get("rowspan") or 1)))
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "td"

    def handle_data(self, data: str) -> None:
        if self.inside:
            text, columns, rows = self.rows[-1][-1]
            self.rows[-1][-1] = (text + data, columns, rows)


def test_html(browser: FlaskClient, workbook_id: UUID) -> None:
    """A page of what cells show: escaped, merged cells joined, hidden rows and columns left out."""
    answer = _get(browser, workbook_id, "format=html")
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("text/html", "nosniff")
    rows = _Reader(answer.text).rows
    assert rows == [
        [("Name", 1, 1), ("When", 1, 1), ("Price", 1, 1), ("Share", 1, 1)],
        [("<b>Pen</b>", 1, 1), ("2026-03-14", 1, 1), ("1,234.57", 1, 1), ("25%", 1, 1)],
        [("Ink & co", 1, 1), ("2026-03-15", 1, 1), ("-0.004", 1, 1), ("1", 1, 1)],
        [],
        [("merged", 3, 3)],
        [("beside", 1, 1)],
        [],
    ]


def test_names_in_any_script(browser: FlaskClient, workbook_id: UUID) -> None:
    """The name is that of the workbook, revision and sheet, as RFC 6266 has it, and never shown in place."""
    said = _get(browser, workbook_id, "format=csv&sheet=2").headers["Content-Disposition"]
    assert said.startswith("attachment; ")
    assert unquote(said.partition("filename*=UTF-8''")[2]) == "Käse & 日本 – Texts.csv"


@pytest.mark.parametrize("query", ["format=xlsx", "format=csv", "format=html", "format=csv&sheet=all"])
def test_a_client_that_has_the_file(browser: FlaskClient, workbook_id: UUID, query: str) -> None:
    """It is told so by the file's tag, which differs by form and by revision; a HEAD says the size."""
    first = _get(browser, workbook_id, query)
    again = _get(browser, workbook_id, query, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    other = _get(browser, workbook_id, "format=csv&safe=1", **{"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    with browser.head(f"/api/v1/workbooks/{workbook_id}/revisions/head/export?{query}") as head:
        head.get_data()
    assert (head.content_length, head.data) == (len(first.data), b"")
    browser.post(f"/api/v1/workbooks/{workbook_id}/upload", data={"file": (BytesIO(b"x\n"), "x.csv")})
    assert _get(browser, workbook_id, query, **{"If-None-Match": first.headers["ETag"]}).status_code == 200
