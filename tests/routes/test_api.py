"""The JSON API as its clients see it: shapes, statuses, and what is refused."""

import json
import zipfile
from functools import partial
from io import BytesIO
from uuid import uuid4

import pandas as pd
import pytest
from openpyxl import Workbook as Package
from openpyxl.worksheet.formula import ArrayFormula

from app.extensions import db
from app.formats.guard import Limits
from tests.databases import sent
from tests.factories import add_member, make_grid, make_user, sign_in


@pytest.fixture
def alice(app):
    return make_user(app)


@pytest.fixture
def signed_in(app, client, alice):
    return sign_in(app, client, alice)


def commit(client, workbook_id, cells, base=1, **more):
    operations = [{"op": "set_cells", "sheet": 1, "cells": cells}]
    body = {"base": base, "operations": operations, **more}
    return client.post(f"/api/v1/workbooks/{workbook_id}/revisions", json=body)


def rows(client, workbook_id, number="head", **query):
    answer = client.get(
        f"/api/v1/workbooks/{workbook_id}/revisions/{number}/sheets/1/rows", query_string=query
    )
    return {row["i"]: row["cells"] for row in answer.json["rows"]}


def upload(client, content, name="table.csv", **headers):
    return client.post("/api/v1/workbooks", data={"file": (BytesIO(content), name)}, headers=headers)


def told(response):
    """The lines of a streamed answer."""
    return [json.loads(line) for line in response.text.splitlines()]


def test_an_upload_becomes_a_workbook(signed_in):
    """A CSV becomes a workbook of one sheet, named after its file, its texts kept."""
    made = upload(signed_in, b"id,price\n007,1.50\n")
    assert (made.status_code, made.json["name"], made.json["role"], made.json["head"]) == (
        201,
        "table",
        "owner",
        1,
    )
    assert [(s["name"], s["rows"], s["columns"]) for s in made.json["sheets"]] == [("table", 2, 2)]
    assert rows(signed_in, made.json["id"])[1] == [[0, "007", 0, "s"], [1, "1.50", 0, "n"]]


def test_an_edit_asks_the_database_four_times(app, signed_in, alice):
    """Who is it, may they, the lock with all it asks, and everything that is written; the answer is made of
    what is at hand."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    commit(signed_in, workbook_id, {"A1": {"input": "2"}})
    with app.app_context():
        engine = db.engine
    with sent(engine) as statements:
        made = commit(signed_in, workbook_id, {"A1": {"input": "3"}}, base=2, key=str(uuid4()))
    assert (made.status_code, len(statements)) == (201, 4)


def test_a_client_can_follow_reading_in(signed_in):
    """Lines of progress end in the workbook."""
    content = b"".join(b"%d,some text in a cell\n" % at for at in range(20_000))
    made = upload(signed_in, content, Accept="application/x-ndjson")
    lines = told(made)
    progress = [line["progress"] for line in lines[:-1]]
    assert progress == sorted(progress)
    assert 0 < progress[0] < progress[-1] <= 1
    assert lines[-1]["workbook"]["sheets"][0]["rows"] == 20_000


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "empty.xlsx", "empty"),
        (b"PK\x03\x04 and then nothing", "broken.xlsx", "truncated"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "picture.png", "not-a-spreadsheet"),
        (b"a,b\n" + b"x" * 40_000 + b",1\n", "long.csv", "too-large"),
    ],
)
def test_a_file_that_is_none_is_refused_and_leaves_nothing(signed_in, content, name, reason, accept):
    """What cannot be read is said clearly, and no workbook appears."""
    answer = upload(signed_in, content, name, Accept=accept)
    problem = told(answer)[-1]["problem"] if answer.status_code == 200 else answer.json
    assert (problem["type"], problem["reason"]) == ("unreadable-file", reason)
    assert signed_in.get("/api/v1/workbooks").json["items"] == []


def test_a_blank_workbook_has_one_empty_sheet(signed_in):
    """A name is enough to begin."""
    made = signed_in.post("/api/v1/workbooks", json={"name": "Plan"})
    assert (made.status_code, made.json["name"]) == (201, "Plan")
    assert [(sheet["name"], sheet["rows"]) for sheet in made.json["sheets"]] == [("Sheet1", 0)]


def test_what_was_typed_is_read_as_a_person_means_it(app, signed_in, alice):
    """Numbers, percentages, formulas and leading zeros; the answer echoes the cells as they are now."""
    workbook_id = make_grid(app, alice)
    typed = {"A1": "12.5", "A2": "=a1*2", "A3": "007", "A4": "50%", "A5": "'=no formula"}
    answer = commit(signed_in, workbook_id, {at: {"input": text} for at, text in typed.items()})
    echoed = {row["i"]: row["cells"][0][:5] for row in answer.json["cells"]}
    assert (answer.status_code, answer.json["number"], answer.json["rebased"]) == (201, 2, False)
    assert echoed[0] == [0, "12.5", 0, "n"]
    assert echoed[1] == [0, "=A1*2", 0, "", None]
    assert [echoed[row][1] for row in (2, 3, 4)] == ["007", "0.5", "=no formula"]


def test_exact_values_stay_what_they_are(app, signed_in, alice):
    """A program's text is never taken for a number or formula; null empties a cell."""
    workbook_id = make_grid(app, alice, {"C1": "old"})
    commit(signed_in, workbook_id, {"A1": {"value": "=1+1"}, "B1": "12", "C1": None, "D1": True, "E1": 2})
    cells = {cell[0]: (cell[1], cell[3]) for cell in rows(signed_in, workbook_id)[0]}
    assert cells == {0: ("=1+1", "s"), 1: ("12", "s"), 3: ("TRUE", "b"), 4: ("2", "n")}


def test_a_conflict_is_told_as_data(app, signed_in, alice):
    """The answer names the cell with its three contents, and the head they were compared with."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    commit(signed_in, workbook_id, {"A1": 2})
    answer = commit(signed_in, workbook_id, {"A1": 3})
    expected = [{"sheet": 1, "cell": "A1", "base": "1", "theirs": "2", "yours": "3"}]
    assert (answer.status_code, answer.json["type"], answer.json["head"]) == (409, "conflict", 2)
    assert answer.json["conflicts"] == expected


def test_a_window_has_only_what_was_asked_for(app, signed_in, alice):
    """Rows and columns outside are left out, and so are empty ones."""
    workbook_id = make_grid(app, alice, {"A1": 1, "C3": 2, "F3": 3, "C9": 4})
    assert rows(signed_in, workbook_id, start=1, count=5, first_column=1, columns=3) == {
        2: [[2, "2", 0, "n"]]
    }


def test_an_old_revision_reads_as_it_was(app, signed_in, alice):
    """A window of a revision never changes, so a browser may keep it."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    commit(signed_in, workbook_id, {"A1": 2})
    assert (rows(signed_in, workbook_id, 1)[0], rows(signed_in, workbook_id)[0]) == (
        [[0, "1", 0, "n"]],
        [[0, "2", 0, "n"]],
    )


def test_restore_and_revert_make_revisions(app, signed_in, alice):
    """Both ways back answer with the new number."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    root = f"/api/v1/workbooks/{workbook_id}"
    commit(signed_in, workbook_id, {"A1": 2})
    assert signed_in.post(f"{root}/revert", json={"revision": 2}).json["number"] == 3
    assert signed_in.post(f"{root}/restore", json={"revision": 2}).json["number"] == 4
    listed = signed_in.get(f"{root}/revisions").json["items"]
    assert [(item["number"], item["via"], item["via_detail"]) for item in listed[:2]] == [
        (4, "restore", "2"),
        (3, "revert", "2"),
    ]


@pytest.mark.parametrize("format", ["parquet", "jsonl"])
def test_files_with_types(signed_in, format):
    """Parquet and JSON lines become sheets that show dates and keep all digits, and go out as they are."""
    frame = pd.DataFrame({"id": [1, 2**60 + 1], "day": ["x", None]})
    file = BytesIO()
    if format == "parquet":
        frame["day"] = pd.to_datetime(["2023-03-15", None])
        frame.to_parquet(file)
    else:
        frame.to_json(file, orient="records", lines=True)
    made = upload(signed_in, file.getvalue(), f"data.{format}")
    assert (made.status_code, made.json["name"]) == (201, "data")
    shown = "2023-03-15 00:00:00" if format == "parquet" else "x"
    assert [cell[1] for cell in rows(signed_in, made.json["id"])[1]] == ["1", shown]
    answer = signed_in.get(
        f"/api/v1/workbooks/{made.json['id']}/revisions/head/export", query_string={"format": format}
    )
    assert answer.headers["Content-Disposition"] == f"attachment; filename=data.{format}"
    read = pd.read_parquet if format == "parquet" else partial(pd.read_json, lines=True)
    assert read(BytesIO(answer.data))["id"].tolist() == [1, 2**60 + 1]
    answer.close()


def test_damaged_files_with_types(signed_in):
    """What cannot be read is refused in words."""
    for name, content in (("a.parquet", b"PAR1 and no more"), ("a.jsonl", b'{"a": 1}\n{"a"')):
        refused = upload(signed_in, content, name)
        assert (refused.status_code, refused.json["type"]) == (422, "unreadable-file")


def test_an_export_is_a_download(app, signed_in, alice):
    """The file has the workbook's name, in any script, and is never shown in place."""
    workbook_id = make_grid(app, alice, {"A1": "x", "B1": 1.5}, name="Наш бюджет")
    answer = signed_in.get(f"/api/v1/workbooks/{workbook_id}/revisions/head/export?format=csv")
    assert answer.data == b"x,1.5\r\n"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "%D0%9D%D0%B0%D1%88" in answer.headers["Content-Disposition"]
    answer.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/revisions/99/sheets/1/rows", 404),
        ("/revisions/head/sheets/7/rows", 404),
        ("/revisions/head/sheets/1/rows?start=abc&count=-5&columns=9999999", 200),
        ("/revisions/head/sheets/1/rows?count=1048576", 422),
        ("/revisions/head/sheets/99999999999999999999/rows", 404),
        ("/revisions/99999999999999999999", 404),
        ("/revisions?before=99999999999999999999&limit=x", 200),
        ("/revisions/head/export?format=exe", 422),
        ("/revisions/head/export?format=csv&sheet=5", 404),
        ("/revisions/0/changes", 404),
        ("/revisions/1/changes?page=99999999999999999999", 200),
    ],
)
def test_odd_addresses_have_clear_answers(app, signed_in, alice, path, status):
    """Whatever an address says, the answer is a page of data or a problem with a reason."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    answer = signed_in.get(f"/api/v1/workbooks/{workbook_id}{path}")
    assert answer.status_code == status
    assert status == 200 or answer.json["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"[]", 422),
        (b"\xff\xfe", 422),
        (b'{"base": 1}', 422),
        (b'{"base": "1", "operations": []}', 422),
        (b'{"base": 1, "operations": [{"op": "explode", "sheet": 1}]}', 422),
        (b'{"base": 1, "operations": [{"op": "set_cells", "sheet": 1, "cells": {"A0": 1}}]}', 422),
        (b'{"base": 1, "operations": [{"op": "set_cells", "sheet": 1, "cells": {"XFE1": 1}}]}', 422),
        (b'{"base": 1, "operations": [{"op": "set_cells", "sheet": 1, "cells": {"A1": {}}}]}', 422),
        (b'{"base": 1, "operations": [{"op": "set_cells", "sheet": 1, "cells": {"A1": 1e999}}]}', 422),
        (b'{"base": 1, "operations": [{"op": "set_cells", "sheet": 1, "cells": {"A1": "\\ud800"}}]}', 422),
        (
            b'{"base":1,"operations":[{"op":"set_cells","sheet":1,"cells":{"A1":{"formula":" "}}}]}',
            422,
        ),
        (b'{"base": 1, "operations": [{"op": "set_cells", "sheet": 9, "cells": {"A1": 1}}]}', 404),
        (b'{"base": 9, "operations": [{"op": "set_cells", "sheet": 1, "cells": {"A1": 1}}]}', 404),
        (b'{"base": 1, "operations": [{"op": "clear_cells", "sheet": 1, "range": "A1:"}]}', 422),
        (b'{"base": 1, "key": "no uuid", "operations": []}', 422),
        (b'{"base": 1, "operations": [], "message": "' + b"x" * 2_001 + b'"}', 422),
        (b"[" * 100_000, 422),
    ],
)
def test_odd_bodies_have_clear_answers(app, signed_in, alice, body, status):
    """Whatever a body says, nothing is saved and the answer tells why."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    answer = signed_in.post(
        f"/api/v1/workbooks/{workbook_id}/revisions", data=body, content_type="application/json"
    )
    assert (answer.status_code, bool(answer.json["detail"])) == (status, True)
    assert signed_in.get(f"/api/v1/workbooks/{workbook_id}").json["head"] == 1


def test_text_that_is_too_long_names_its_cell(app, signed_in, alice):
    """32,767 UTF-16 code units fit into a cell, and no more."""
    workbook_id = make_grid(app, alice)
    answer = commit(signed_in, workbook_id, {"A1": "x" * 32_767, "B7": "x" * 32_768})
    assert (answer.status_code, answer.json["cell"]) == (422, "B7")
    assert commit(signed_in, workbook_id, {"A1": "x" * 32_767}).status_code == 201


def test_a_repeat_with_the_same_key_gets_the_same_answer(app, signed_in, alice):
    """An edit whose answer was lost can be sent again."""
    workbook_id, key = make_grid(app, alice), str(uuid4())
    first = commit(signed_in, workbook_id, {"A1": 1}, key=key)
    assert commit(signed_in, workbook_id, {"A1": 1}, key=key).json == first.json


def test_viewers_read_and_strangers_find_nothing(app, client, alice):
    """403 tells a viewer what they may not do; a stranger learns nothing."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    viewer, stranger = make_user(app, "bob@example.org"), make_user(app, "eve@example.org")
    add_member(app, workbook_id, viewer, "viewer")
    sign_in(app, client, viewer)
    assert (rows(client, workbook_id)[0], commit(client, workbook_id, {"A1": 2}).status_code) == (
        [[0, "1", 0, "n"]],
        403,
    )
    sign_in(app, client, stranger)
    assert client.get(f"/api/v1/workbooks/{workbook_id}").status_code == 404
    assert commit(client, workbook_id, {"A1": 2}).status_code == 404


def test_part_of_an_array_formula_is_refused(signed_in):
    """The cell that holds the formula is named; nothing is saved."""
    package = Package()
    package.active["A1"] = ArrayFormula("A1:A3", "={1;2;3}")
    out = BytesIO()
    package.save(out)
    workbook_id = upload(signed_in, out.getvalue(), "array.xlsx").json["id"]
    answer = commit(signed_in, workbook_id, {"A2": 5})
    assert (answer.status_code, answer.json["type"]) == (422, "array-part")
    assert "A1" in answer.json["detail"]


def fill(client, workbook_id, area, cell, base=1):
    operation = {"op": "fill_cells", "sheet": 1, "range": area, "cell": cell}
    body = {"base": base, "operations": [operation]}
    return client.post(f"/api/v1/workbooks/{workbook_id}/revisions", json=body)


@pytest.mark.parametrize("area", ["A1:A3", "A3:A5000"])
def test_a_fill_of_a_part_of_an_array_formula_is_refused(signed_in, area):
    """As a single cell is, unless the cell that holds the formula is filled too."""
    package = Package()
    package.active["A2"] = ArrayFormula("A2:A4", "={1;2;3}")
    out = BytesIO()
    package.save(out)
    workbook_id = upload(signed_in, out.getvalue(), "array.xlsx").json["id"]
    answer = fill(signed_in, workbook_id, area, 5)
    assert answer.status_code == (201 if area == "A1:A3" else 422)


def test_a_range_is_filled_with_one_formula(app, signed_in, alice):
    """What is typed belongs to the first cell, and its references move along."""
    workbook_id = make_grid(app, alice, {"A1": 1, "A3000": 3})
    answer = fill(signed_in, workbook_id, "B1:C3000", {"input": "=A1*2"})
    assert (answer.status_code, answer.json["cells"], answer.json["rebased"]) == (201, [], True)
    last = rows(signed_in, workbook_id, start=2999, count=1)[2999]
    assert [(cell[0], cell[4] or cell[1]) for cell in last[1:]] == [(1, "=A3000*2"), (2, "=B3000*2")]
    few = fill(signed_in, workbook_id, "D1:D2", "x", base=2)
    assert [row["cells"] for row in few.json["cells"]] == [[[3, "x", 0, "s"]]] * 2


def test_what_cannot_be_filled_is_refused(app, signed_in, alice):
    """More than two columns, no range, and text that no cell holds."""
    workbook_id = make_grid(app, alice)
    for area, cell, status in (
        ("A1:C1048576", 1, 413),
        ("A1:ZZZZ9", 1, 422),
        ("A1:A5000", "x" * 40_000, 422),
        ("A1:A9", {"input": "1", "value": 1}, 422),
    ):
        assert fill(signed_in, workbook_id, area, cell).status_code == status


def test_columns_of_a_text_file_fit_their_text(signed_in):
    """A CSV has no widths, so its first rows decide; short columns keep the usual one."""
    made = upload(signed_in, b"id,name\n1,a name of some length\n2," + b"x" * 500 + b"\n")
    layout = signed_in.get(f"/api/v1/workbooks/{made.json['id']}/revisions/1/sheets/1/layout").json
    assert layout["widths"] == [[1, 1, 320, False]]


def test_a_file_over_the_limit_is_refused(app, signed_in):
    """The message names the limit, and nothing is stored."""
    app.config["FILE_LIMITS"] = Limits(upload_bytes=1000)
    answer = upload(signed_in, b"a,b\n" * 400)
    assert (answer.status_code, answer.json["reason"]) == (413, "too-large")
    assert signed_in.get("/api/v1/workbooks").json["items"] == []


def zipped(**parts):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), "not-a-spreadsheet"),
        (zipped(readme="no workbook here"), "not-a-spreadsheet"),
        (zipped(a="x" * 100)[:-30], "truncated"),
    ],
)
def test_odd_containers_are_refused_by_name(signed_in, content, reason):
    """What looks like a workbook and is none gets its own reason, and nothing is stored."""
    answer = upload(signed_in, content, "book.xlsx")
    assert (answer.status_code, answer.json["type"], answer.json["reason"]) == (
        422,
        "unreadable-file",
        reason,
    )
    assert signed_in.get("/api/v1/workbooks").json["items"] == []


BOMB = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><x>&b;</x>"


@pytest.mark.parametrize(
    ("part", "content", "reason"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + b" " * 60_000_000, "bomb"),
        ("xl/workbook.xml", BOMB, "unsafe-xml"),
        ("xl/styles.xml", BOMB, None),
    ],
)
def test_bombs_are_refused_or_harmless(signed_in, part, content, reason):
    """A part that inflates without end or defines entities costs nobody anything."""
    package, plain = BytesIO(), BytesIO()
    Package().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, content if name == part else source.read(name))
    answer = upload(signed_in, package.getvalue(), "bomb.xlsx")
    assert answer.json.get("reason") == reason
    assert answer.status_code == (422 if reason else 201)


def operate(client, workbook_id, base, *operations):
    body = {"base": base, "operations": operations}
    return client.post(f"/api/v1/workbooks/{workbook_id}/revisions", json=body)


def test_styles_are_set_and_come_back_with_the_cells(signed_in):
    """The answer has the cells with their new style, as the grid shows it."""
    workbook_id = signed_in.post("/api/v1/workbooks", json={"name": "B"}).json["id"]
    commit(signed_in, workbook_id, {"A1": 1.5})
    style = {"bold": True, "format": "0.00", "fill": "#ffff00", "borders": {"top": {"style": "thin"}}}
    answer = operate(
        signed_in, workbook_id, 2, {"op": "set_style", "sheet": 1, "range": "A1:B1", "style": style}
    )
    assert (answer.status_code, answer.json["cells"][0]["cells"][0][:2]) == (201, [0, "1.50"])
    number = str(answer.json["cells"][0]["cells"][0][2])
    assert answer.json["styles"]["1"][number] == {
        "bold": True,
        "fill": "#ffff00",
        "borders": {"top": {"style": "thin"}},
    }


@pytest.mark.parametrize(
    ("style", "type"),
    [
        ({}, "bad-style"),
        ({"color": "red"}, "bad-style"),
        ({"bold": "yes"}, "bad-body"),
        ({"underline": "wavy"}, "bad-body"),
        ({"borders": {"top": {"style": "none"}}}, "bad-body"),
        ({"blink": True}, "bad-body"),
    ],
)
def test_styles_that_are_none(signed_in, style, type):
    """What no cell can have, or the API does not know, is refused."""
    workbook_id = signed_in.post("/api/v1/workbooks", json={"name": "B"}).json["id"]
    answer = operate(
        signed_in, workbook_id, 1, {"op": "set_style", "sheet": 1, "range": "A1", "style": style}
    )
    assert (answer.status_code, answer.json["type"]) == (422, type)


def test_the_list_of_sheets_is_changed_by_operations(signed_in):
    """The answer lists the sheets there are now; what cannot be is refused."""
    workbook_id = signed_in.post("/api/v1/workbooks", json={"name": "B"}).json["id"]
    answer = operate(
        signed_in,
        workbook_id,
        1,
        {"op": "add_sheet", "name": "April"},
        {"op": "add_sheet", "name": "Draft", "place": 0},
        {"op": "rename_sheet", "sheet": 1, "name": "March"},
        {"op": "move_sheet", "sheet": 1, "place": 1},
        {"op": "hide_sheet", "sheet": 2, "hidden": True},
        {"op": "delete_sheet", "sheet": 3},
    )
    assert [(sheet["id"], sheet["name"], sheet["state"]) for sheet in answer.json["sheets"]] == [
        (1, "March", "visible"),
        (2, "April", "hidden"),
    ]
    refused = (
        ({"op": "rename_sheet", "sheet": 1, "name": "a/b"}, 422, "bad-sheet-name"),
        ({"op": "delete_sheet", "sheet": 1}, 409, "last-visible-sheet"),
        ({"op": "delete_sheet", "sheet": 9}, 404, "sheet-not-found"),
    )
    for operation, status, type in refused:
        answer = operate(signed_in, workbook_id, 2, operation)
        assert (answer.status_code, answer.json["type"]) == (status, type)
