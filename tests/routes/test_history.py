"""Claims about the pages of the version history."""

import html
import re
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.models.user import User
from app.services import commits
from app.sheet.address import parse_cell
from app.sheet.cell import Value
from app.sheet.operations import Entered, SetCells
from tests.factories import NOW, add_member, csrf, make_grid, make_user, sign_in


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice's account."""
    return make_user(app)


@pytest.fixture
def browser(app: Flask, client: FlaskClient, alice: User) -> FlaskClient:
    """A browser in which Alice is signed in."""
    return sign_in(app, client, alice)


@pytest.fixture
def workbook_id(app: Flask, alice: User) -> UUID:
    """A workbook of Alice's: A1 was 1, then 2, then “three”."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    _edit(app, alice, workbook_id, 1, A1=2)
    _edit(app, alice, workbook_id, 2, A1="three")
    return workbook_id


def _edit(app: Flask, actor: User, workbook_id: UUID, base: int, **cells: Value) -> None:
    entered = {parse_cell(at): Entered(value) for at, value in cells.items()}
    with app.app_context():
        commits.commit(actor, workbook_id, base, [SetCells(1, entered)], now=NOW, via="grid")


def _text(response: TestResponse) -> str:
    """What a page says, without its markup."""
    main = response.get_data(as_text=True).partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def _numbers(response: TestResponse) -> list[int]:
    return [int(number) for number in re.findall(r">#(\d+)</a>", response.get_data(as_text=True))]


def test_history(browser: FlaskClient, workbook_id: UUID) -> None:
    """The page tells every revision, the newest first, with its author and what changed from what to what."""
    page = browser.get(f"/workbooks/{workbook_id}/history")
    assert _numbers(page) == [3, 2, 1]
    assert "alice" in _text(page)
    assert "A1 2 → three" in _text(page)


def test_cells_are_only_text(app: Flask, browser: FlaskClient, alice: User, workbook_id: UUID) -> None:
    """What people put into cells is shown as they typed it, never as markup."""
    _edit(app, alice, workbook_id, 3, B1="<script>alert(1)</script>")
    for page in ("/history", "/history/4", "/revisions/4/revert"):
        markup = browser.get(f"/workbooks/{workbook_id}{page}").get_data(as_text=True)
        assert "<script>alert" not in markup
        assert "&lt;script&gt;alert(1)" in markup


@pytest.mark.parametrize(
    ("before", "numbers"),
    [
        ("3", [2, 1]),
        ("1", []),
        ("0", []),
        ("-5", []),
        ("9" * 30, [3, 2, 1]),
        ("abc", [3, 2, 1]),
        ("", [3, 2, 1]),
    ],
)
def test_before(browser: FlaskClient, workbook_id: UUID, before: str, numbers: list[int]) -> None:
    """Pages go on below a number; what is none counts as not given."""
    page = browser.get(f"/workbooks/{workbook_id}/history?before={before}")
    assert (page.status_code, _numbers(page)) == (200, numbers)


def test_one_revision(browser: FlaskClient, workbook_id: UUID) -> None:
    """A revision's own page holds each changed cell before and after."""
    assert "Sheet1 A1 1 2" in _text(browser.get(f"/workbooks/{workbook_id}/history/2"))


@pytest.mark.parametrize("number", ["0", "4", "99999999999999999999", "-1", "x", "1.5"])
@pytest.mark.parametrize(
    "page", ["/history/{}", "/revisions/{}/restore", "/revisions/{}/download", "/revisions/{}/name"]
)
def test_no_such_revision(browser: FlaskClient, workbook_id: UUID, page: str, number: str) -> None:
    """Where there is no revision of a number, there is no page of it."""
    assert browser.get(f"/workbooks/{workbook_id}{page.format(number)}").status_code == 404


def test_restore(browser: FlaskClient, workbook_id: UUID) -> None:
    """A confirmed restore makes the old state the newest, with the reason given."""
    path = f"/workbooks/{workbook_id}/revisions/1/restore"
    assert "Restore revision 1?" in _text(browser.get(path))
    done = browser.post(path, data={"message": "Back to the start"}, follow_redirects=True)
    assert _numbers(done) == [4, 3, 2, 1]
    assert "Back to the start" in _text(done)


def test_restore_once(browser: FlaskClient, workbook_id: UUID) -> None:
    """The same form sent twice makes one revision."""
    key = str(uuid4())
    for _ in range(2):
        browser.post(f"/workbooks/{workbook_id}/revisions/1/restore", data={"key": key})
    assert _numbers(browser.get(f"/workbooks/{workbook_id}/history")) == [4, 3, 2, 1]


@pytest.mark.parametrize("key", ["", "x", "\x00"])
def test_restore_with_any_key(browser: FlaskClient, workbook_id: UUID, key: str) -> None:
    """A key that is none does no harm."""
    done = browser.post(f"/workbooks/{workbook_id}/revisions/1/restore", data={"key": key})
    assert done.status_code == 303


def test_message_too_long(browser: FlaskClient, workbook_id: UUID) -> None:
    """A message that does not fit brings the form back, and nothing is restored."""
    page = browser.post(f"/workbooks/{workbook_id}/revisions/1/restore", data={"message": "x" * 2001})
    assert page.status_code == 422
    assert _numbers(browser.get(f"/workbooks/{workbook_id}/history")) == [3, 2, 1]


def test_restore_of_what_is(browser: FlaskClient, workbook_id: UUID) -> None:
    """Restoring the state that is there makes no revision, and says so."""
    done = browser.post(f"/workbooks/{workbook_id}/revisions/3/restore", follow_redirects=True)
    assert _numbers(done) == [3, 2, 1]
    assert "already is what it was" in done.get_data(as_text=True)


def test_revert(browser: FlaskClient, workbook_id: UUID) -> None:
    """A confirmed revert undoes the newest revision by another one."""
    path = f"/workbooks/{workbook_id}/revisions/3/revert"
    assert "three → 2" in _text(browser.get(path))
    done = browser.post(path, follow_redirects=True)
    assert _numbers(done) == [4, 3, 2, 1]
    assert "A1 three → 2" in _text(done)


def test_revert_in_conflict(browser: FlaskClient, workbook_id: UUID) -> None:
    """A revert that would undo later work tells which cells, and changes nothing."""
    page = browser.post(f"/workbooks/{workbook_id}/revisions/2/revert")
    assert page.status_code == 409
    assert "Sheet1 A1 2 three 1" in _text(page)
    assert _numbers(browser.get(f"/workbooks/{workbook_id}/history")) == [3, 2, 1]


def test_revert_of_the_first(browser: FlaskClient, workbook_id: UUID) -> None:
    """The first revision has nothing before it to go back to."""
    assert browser.post(f"/workbooks/{workbook_id}/revisions/1/revert").status_code in (409, 422)


def test_name(browser: FlaskClient, workbook_id: UUID) -> None:
    """A revision gets a name, which the history shows, and loses it again."""
    path = f"/workbooks/{workbook_id}/revisions/2/name"
    assert "Draft & plan" in _text(browser.post(path, data={"name": "Draft & plan"}, follow_redirects=True))
    browser.get("/workbooks")  # reads the message, which has the name too
    browser.post(path, data={"name": ""})
    browser.get("/workbooks")
    assert "Draft" not in _text(browser.get(f"/workbooks/{workbook_id}/history"))


def test_no_name_at_all(browser: FlaskClient, workbook_id: UUID) -> None:
    """A form without its field counts as an empty one."""
    assert browser.post(f"/workbooks/{workbook_id}/revisions/2/name", data={}).status_code == 303


def test_name_too_long(browser: FlaskClient, workbook_id: UUID) -> None:
    """A name that does not fit brings the form back."""
    path = f"/workbooks/{workbook_id}/revisions/2/name"
    assert browser.post(path, data={"name": "x" * 201}).status_code == 422


def test_download_choice(browser: FlaskClient, workbook_id: UUID) -> None:
    """Without a format the page offers them."""
    text = _text(browser.get(f"/workbooks/{workbook_id}/revisions/2/download"))
    assert "Excel workbook" in text
    assert "Sheet1" in text


def test_download_csv(browser: FlaskClient, workbook_id: UUID) -> None:
    """A sheet downloads as CSV, as it was in that revision."""
    with browser.get(f"/workbooks/{workbook_id}/revisions/2/download?format=csv&sheet=1") as file:
        assert (file.data, file.mimetype) == (b"2\r\n", "text/csv")
        assert "Budget" in file.headers["Content-Disposition"]


def test_download_xlsx(browser: FlaskClient, workbook_id: UUID) -> None:
    """The workbook downloads as an Excel file."""
    with browser.get(f"/workbooks/{workbook_id}/revisions/3/download?format=xlsx") as file:
        assert file.data.startswith(b"PK")
        assert file.mimetype.endswith("spreadsheetml.sheet")


def test_the_uploaded_file_is_offered_where_it_is_there(
    browser: FlaskClient, app: Flask, workbook_id: UUID
) -> None:
    """The grid and the choice of downloads have a link to it, which gives it; a blank workbook has none."""
    pages = "/workbooks/{}/revisions/1", "/workbooks/{}/revisions/1/download"
    for page in pages:
        assert "format=original" not in browser.get(page.format(workbook_id)).text
    sent = {"file": (BytesIO(b"a;b\r\n"), "a.csv")}
    made = browser.post("/api/v1/workbooks", data=sent, headers=csrf(app, browser))
    for page in pages:
        assert "format=original" in browser.get(page.format(made.json["id"])).text
    with browser.get(f"/workbooks/{made.json['id']}/revisions/1/download?format=original") as file:
        assert (file.data, file.mimetype) == (b"a;b\r\n", "text/csv")
        assert file.headers["Content-Disposition"] == "attachment; filename=a.csv"


@pytest.mark.parametrize("query", ["format=pdf", "format=", "format=csv&sheet=9", "format=original"])
def test_no_such_download(browser: FlaskClient, workbook_id: UUID, query: str) -> None:
    """A format or sheet that is not there is refused with a page that says so."""
    page = browser.get(f"/workbooks/{workbook_id}/revisions/1/download?{query}")
    assert page.status_code in (404, 422)
    assert page.mimetype == "text/html"


def test_viewers_only_read(app: Flask, workbook_id: UUID) -> None:
    """A viewer reads history and downloads, and can neither restore, revert nor name."""
    bob = make_user(app, "bob@example.org")
    add_member(app, workbook_id, bob, "viewer")
    browser = sign_in(app, app.test_client(), bob)
    for page in ("/history", "/history/2", "/revisions/2/download", "/revisions/2/download?format=csv"):
        with browser.get(f"/workbooks/{workbook_id}{page}") as answer:
            assert answer.status_code == 200
    acts = ("restore", "revert", "name")
    assert [browser.post(f"/workbooks/{workbook_id}/revisions/2/{act}").status_code for act in acts] == [
        403
    ] * 3


def test_strangers_get_404(app: Flask, workbook_id: UUID) -> None:
    """To a stranger there is nothing here."""
    browser = sign_in(app, app.test_client(), make_user(app, "eve@example.org"))
    pages = ("/history", "/history/2", "/revisions/2/download", "/revisions/2/restore", "/revisions/2/revert")
    assert [browser.get(f"/workbooks/{workbook_id}{page}").status_code for page in pages] == [404] * 5
