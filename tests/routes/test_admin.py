"""Claims about the pages of administration."""

import csv
import html
import io
import re
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.models.user import User
from app.services import commits
from app.sheet.operations import Entered, SetCells
from tests.factories import NOW, make_grid, make_user, sign_in

_PAGES = ("/admin/revisions", "/admin/revisions.csv", "/admin/users", "/admin/storage")


@pytest.fixture
def root(app: Flask) -> User:
    """An administrator."""
    return make_user(app, "root@example.org", "Root", admin=True)


@pytest.fixture
def alice(app: Flask) -> User:
    """An ordinary user."""
    return make_user(app, "alice@example.org", "Alice")


@pytest.fixture
def browser(app: Flask, client: FlaskClient, root: User) -> FlaskClient:
    """A browser in which the administrator is signed in."""
    return sign_in(app, client, root)


def _text(response: TestResponse) -> str:
    """What a page says, without its markup."""
    main = response.get_data(as_text=True).partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def _rows(response: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))


@pytest.mark.parametrize("page", _PAGES)
def test_not_for_others(app: Flask, client: FlaskClient, alice: User, page: str) -> None:
    """An ordinary user is refused every page of administration, and is not offered it."""
    browser = sign_in(app, client, alice)
    assert browser.get(page).status_code == 403
    assert "Administration" not in browser.get("/workbooks").get_data(as_text=True)


def test_revisions_of_all(app: Flask, browser: FlaskClient, alice: User) -> None:
    """An administrator sees the revisions of others' workbooks, each with a way to it that is open."""
    workbook_id = make_grid(app, alice, name="<i>Budget</i>")
    page = browser.get("/admin/revisions")
    assert "<i>Budget</i>" in _text(page)
    path = f"/workbooks/{workbook_id}/history/1"
    assert path in page.get_data(as_text=True)
    assert browser.get(path).status_code == 200


def test_pages_link_to_the_next(app: Flask, browser: FlaskClient, alice: User) -> None:
    """A history longer than a page goes on to its end, every revision once."""
    workbook_id = make_grid(app, alice)
    with app.app_context():
        for base in range(1, 60):
            entered = {(0, 0): Entered(base)}
            commits.commit(alice, workbook_id, base, [SetCells(1, entered)], now=NOW, via="grid")
    numbers: list[str] = []
    path = "/admin/revisions?via=grid&user=alice"
    while path:
        markup = browser.get(path).get_data(as_text=True)
        numbers += re.findall(r'aria-label="Revision (\d+) of', markup)
        following = re.search(r'rel="next" href="([^"]+)"', markup)
        path = html.unescape(following[1]) if following else ""
    assert numbers == [str(number) for number in range(60, 0, -1)]


@pytest.mark.parametrize(
    "query",
    [
        "via=nothing",
        "since=yesterday&until=2026-02-30",
        "since=0001-01-01&until=9999-12-31",
        "user=%25&workbook=_",
        "user=%F0%28%8C%28",
        "workbook=" + "x" * 5000,
    ],
)
def test_odd_filters(browser: FlaskClient, query: str) -> None:
    """Filters that cannot be meant count as not given."""
    assert browser.get(f"/admin/revisions?{query}").status_code == 200
    assert browser.get(f"/admin/revisions.csv?{query}").status_code == 200


@pytest.mark.parametrize(
    "after", ["x", "_", "1_2_3", "20260314T092653.0_8632c5bc-0f45-4607-9460-f8f8ea04d359_1099511627776"]
)
def test_odd_place(browser: FlaskClient, after: str) -> None:
    """A place that is none in the history is refused, with a page that says what to do."""
    page = browser.get(f"/admin/revisions?after={after}")
    assert (page.status_code, "first page" in _text(page)) == (422, True)


def test_csv(app: Flask, browser: FlaskClient, alice: User) -> None:
    """The download has a line for each revision that the filters leave."""
    make_grid(app, alice, {"A1": 1}, name="Budget")
    make_grid(app, alice, name="Plan")
    file = browser.get("/admin/revisions.csv?workbook=budget")
    assert file.mimetype == "text/csv"
    assert file.headers["Content-Disposition"].startswith("attachment")
    row = _rows(file)[0]
    assert len(_rows(file)) == 1
    assert (row["Time (UTC)"], row["E-mail"], row["Workbook"], row["Revision"]) == (
        "2026-03-14T09:26:53+00:00",
        "alice@example.org",
        "Budget",
        "1",
    )


def test_csv_without_formulas(app: Flask, browser: FlaskClient, alice: User) -> None:
    """Text that a spreadsheet would run as a formula has an apostrophe before it."""
    for name in ("=HYPERLINK(1)", "+1", "-1", "@x", "plain = text"):
        make_grid(app, alice, name=name)
    names = {row["Workbook"] for row in _rows(browser.get("/admin/revisions.csv"))}
    assert names == {"'=HYPERLINK(1)", "'+1", "'-1", "'@x", "plain = text"}


def test_disable_ends_sessions(app: Flask, browser: FlaskClient, alice: User) -> None:
    """A disabled user is out at once, and comes back only after signing in anew."""
    alices = sign_in(app, app.test_client(), alice)
    assert browser.post(f"/admin/users/{alice.id}/disable").status_code == 303
    assert alices.get("/workbooks").status_code == 302
    assert "Disabled" in _text(browser.get("/admin/users"))
    browser.post(f"/admin/users/{alice.id}/enable")
    assert alices.get("/workbooks").status_code == 302


def test_make_administrator(app: Flask, browser: FlaskClient, alice: User) -> None:
    """A user made administrator may come in here, until that is withdrawn."""
    alices = sign_in(app, app.test_client(), alice)
    reached = []
    for act in ("promote", "demote"):
        browser.post(f"/admin/users/{alice.id}/{act}")
        reached.append(alices.get("/admin/users").status_code)
    assert reached == [200, 403]


@pytest.mark.parametrize("act", ["demote", "disable"])
def test_last_administrator(browser: FlaskClient, root: User, act: str) -> None:
    """The last administrator stays, and is told why."""
    page = browser.post(f"/admin/users/{root.id}/{act}", follow_redirects=True)
    assert page.status_code == 200
    assert "The only administrator left" in page.get_data(as_text=True)


def test_withdrawing_it_from_oneself(browser: FlaskClient, root: User, alice: User) -> None:
    """Who gives up administration lands among their workbooks."""
    browser.post(f"/admin/users/{alice.id}/promote")
    assert browser.post(f"/admin/users/{root.id}/demote").location == "/workbooks"


@pytest.mark.parametrize("act", ["disable", "enable", "promote", "demote"])
def test_no_such_user(browser: FlaskClient, act: str) -> None:
    """Acting on nobody is refused."""
    assert browser.post(f"/admin/users/{uuid4()}/{act}").status_code in (404, 422)


@pytest.mark.parametrize("query", ["page=abc", "page=-3", f"page={10**40}", "q=%25", "q=nobody"])
def test_odd_lists_of_users(browser: FlaskClient, query: str) -> None:
    """The list of users takes any address."""
    assert browser.get(f"/admin/users?{query}").status_code == 200


def test_storage(app: Flask, browser: FlaskClient, alice: User) -> None:
    """The page names every workbook and its owner."""
    make_grid(app, alice, {"A1": 1}, name="Budget")
    text = _text(browser.get("/admin/storage"))
    assert "Budget" in text
    assert "Alice" in text


def test_storage_of_nothing(browser: FlaskClient) -> None:
    """The page stands where nothing is stored yet."""
    assert "Nothing is stored yet" in _text(browser.get("/admin/storage"))
