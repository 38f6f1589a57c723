"""Claims about the pages of workbooks as a whole."""

import html
import io
import re
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.models.user import User
from tests.factories import add_member, make_grid, make_user, make_workbook, sign_in


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice's account."""
    return make_user(app)


@pytest.fixture
def bob(app: Flask) -> User:
    """Bob's account."""
    return make_user(app, "bob@example.org", "Bob")


@pytest.fixture
def browser(app: Flask, client: FlaskClient, alice: User) -> FlaskClient:
    """A browser in which Alice is signed in."""
    return sign_in(app, client, alice)


def _text(response: TestResponse) -> str:
    """What a page says, without its markup."""
    main = response.get_data(as_text=True).partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def _upload(browser: FlaskClient, content: bytes, name: str) -> TestResponse:
    return browser.post(
        "/workbooks/upload", data={"file": (io.BytesIO(content), name)}, follow_redirects=True
    )


def test_front_door(browser: FlaskClient) -> None:
    """The address alone leads to the list of workbooks."""
    assert browser.get("/").location == "/workbooks"


def test_strangers_sign_in_first(client: FlaskClient) -> None:
    """Whoever is not signed in is led to the sign-in page, and from there on to what they wanted."""
    assert client.get("/workbooks?q=a").location == "/sign-in?next=/workbooks?q%3Da"


def test_list_tells_role_and_owner(app: Flask, browser: FlaskClient, alice: User, bob: User) -> None:
    """The list shows names, owners and roles, with markup in them only as text."""
    make_workbook(app, alice, "<b>Budget</b> & co")
    add_member(app, make_workbook(app, bob, "Rota").id, alice, "viewer")
    text = _text(browser.get("/workbooks"))
    assert "<b>Budget</b> & co" in text
    assert "Bob" in text
    assert "Can view" in text


@pytest.mark.parametrize(
    "query", ["page=abc", "page=-1", f"page={10**30}", "page=", "shared=maybe", "q=%25_%5C%27", "q=%FF%FE"]
)
def test_odd_addresses(browser: FlaskClient, query: str) -> None:
    """An address with values that cannot be meant shows the list all the same."""
    assert browser.get(f"/workbooks?{query}").status_code == 200
    assert browser.get(f"/workbooks/trash?{query}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["x", "0", "00000000-0000-0000-0000-00000000000g", "'--", "8632c5bc-0f45-4607-9460-f8f8ea04d359"],
)
@pytest.mark.parametrize("page", ["", "/rename", "/sharing", "/history", "/purge", "/leave"])
def test_no_such_workbook(browser: FlaskClient, path: str, page: str) -> None:
    """Where there is no workbook, there is no page of it."""
    assert browser.get(f"/workbooks/{path}{page}").status_code == 404


def test_strangers_get_404(app: Flask, browser: FlaskClient, bob: User) -> None:
    """A workbook that is not shared with the user does not exist for them, whatever they try."""
    path = f"/workbooks/{make_grid(app, bob)}"
    pages = [browser.get(path + page).status_code for page in ("", "/rename", "/sharing", "/leave")]
    acts = [
        browser.post(path + act).status_code for act in ("/trash", "/untrash", "/purge", "/rename", "/leave")
    ]
    assert pages + acts == [404] * 9


def test_viewers_get_403(app: Flask, browser: FlaskClient, alice: User, bob: User) -> None:
    """A viewer is told that a workbook can be read but not changed."""
    workbook_id = make_grid(app, bob)
    add_member(app, workbook_id, alice, "viewer")
    acts = ("/rename", "/trash", "/untrash", "/purge", "/sharing/x/change".replace("x", str(bob.id)))
    assert [browser.post(f"/workbooks/{workbook_id}{act}").status_code for act in acts] == [403] * 5


def test_new_workbook_opens(browser: FlaskClient) -> None:
    """A new workbook opens once it has a name, and is in the list."""
    made = browser.post("/workbooks/new", data={"name": "Plan"})
    assert made.status_code == 303
    assert re.fullmatch(r"/workbooks/[0-9a-f-]{36}", made.location)
    assert "Plan" in _text(browser.get("/workbooks"))


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_new_workbook_wants_a_name(browser: FlaskClient, name: str) -> None:
    """Without a fitting name the form comes back with the reason, and nothing is made."""
    page = browser.post("/workbooks/new", data={"name": name})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.get_data(as_text=True)
    assert "first spreadsheet" in _text(browser.get("/workbooks"))


@pytest.mark.parametrize("path", ["/workbooks/new", "/workbooks/upload"])
def test_odd_forms(browser: FlaskClient, path: str) -> None:
    """A form with a file where text belongs, with JSON or with no form at all is asked for again."""
    bodies = (
        {"data": {"name": (io.BytesIO(b"x"), "name.csv")}},
        {"json": ["name"]},
        {"data": b"\xff", "content_type": "multipart/form-data; boundary=x"},
        {"data": b"\xff=\x00", "content_type": "application/x-www-form-urlencoded"},
    )
    assert [browser.post(path, **body).status_code for body in bodies] == [422] * 4


def test_upload_without_script(browser: FlaskClient) -> None:
    """A file sent by the plain form becomes a workbook named after it."""
    assert _upload(browser, b"a,b\r\n1,2\r\n", "rainfall.csv").status_code == 200
    assert "rainfall" in _text(browser.get("/workbooks"))


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"%PDF-1.7\n\x00\xff", "notes.pdf"), (b"PK\x03\x04" + b"\x00" * 40, "cut.xlsx"), (b"", "")],
)
def test_refused_upload(browser: FlaskClient, content: bytes, name: str) -> None:
    """A file that cannot be read in is refused with the reason, and nothing is stored."""
    page = _upload(browser, content, name)
    assert page.status_code == 422
    assert 'role="alert"' in page.get_data(as_text=True)
    assert "first spreadsheet" in _text(browser.get("/workbooks"))


def test_upload_too_large(app: Flask, browser: FlaskClient) -> None:
    """A file above the limit is refused and the limit told."""
    app.config["MAX_CONTENT_LENGTH"] = 1000
    app.config["UPLOAD_LIMIT"] = 1_000_000
    page = _upload(browser, b"1," * 2000, "large.csv")
    assert (page.status_code, "up to 1 MB" in _text(page)) == (413, True)


def test_rename(app: Flask, browser: FlaskClient, alice: User) -> None:
    """A new name is said and shown, and one goes on to where one came from."""
    workbook = make_workbook(app, alice)
    done = browser.post(f"/workbooks/{workbook.id}/rename?next=/workbooks?q=p", data={"name": "Plan"})
    assert (done.status_code, done.location) == (303, "/workbooks?q=p")
    assert "Plan" in _text(browser.get(done.location))


def test_rename_leads_nowhere_else(app: Flask, browser: FlaskClient, alice: User) -> None:
    """A foreign address to go on to is not followed."""
    workbook = make_workbook(app, alice)
    done = browser.post(f"/workbooks/{workbook.id}/rename?next=https://evil.example/", data={"name": "Plan"})
    assert done.location == "/workbooks"


def test_trash_and_back(app: Flask, browser: FlaskClient, alice: User) -> None:
    """A workbook goes to the trash and comes back."""
    workbook = make_workbook(app, alice)
    browser.post(f"/workbooks/{workbook.id}/trash")
    assert "Budget" in _text(browser.get("/workbooks/trash"))
    browser.get("/workbooks")  # reads the message, which names the workbook too
    assert "Budget" not in _text(browser.get("/workbooks"))
    browser.post(f"/workbooks/{workbook.id}/untrash")
    assert "Budget" in _text(browser.get("/workbooks"))


def test_purge_wants_the_name(app: Flask, browser: FlaskClient, alice: User) -> None:
    """The server itself asks for the name before it purges."""
    workbook = make_workbook(app, alice, trashed=True)
    path = f"/workbooks/{workbook.id}/purge"
    assert browser.post(path, data={"name": "budget"}).status_code == 422
    assert browser.post(path, data={}).status_code == 422
    assert browser.post(path, data={"name": "Budget"}).status_code == 303
    assert browser.get(path).status_code == 404


def test_purge_wants_the_trash(app: Flask, browser: FlaskClient, alice: User) -> None:
    """A workbook that is not in the trash cannot be purged."""
    workbook = make_workbook(app, alice)
    assert browser.post(f"/workbooks/{workbook.id}/purge", data={"name": "Budget"}).status_code == 409


def test_share(app: Flask, browser: FlaskClient, alice: User, bob: User) -> None:
    """The owner shares by address, changes the role and withdraws."""
    path = f"/workbooks/{make_grid(app, alice)}/sharing"
    bobs = sign_in(app, app.test_client(), bob)
    reached = [bobs.get(path).status_code]
    for act, data in (
        ("", {"email": "bob@example.org", "role": "viewer"}),
        (f"/{bob.id}/change", {"role": "editor"}),
        (f"/{bob.id}/withdraw", {}),
    ):
        assert browser.post(path + act, data=data).status_code == 303
        reached.append(bobs.get(path).status_code)
    assert reached == [404, 200, 200, 404]


@pytest.mark.parametrize("email", ["", "nobody@example.org", "alice@example.org", "no address", "x" * 400])
def test_share_with_nobody(app: Flask, browser: FlaskClient, alice: User, email: str) -> None:
    """An address that nobody fitting has brings the form back with the reason."""
    path = f"/workbooks/{make_workbook(app, alice).id}/sharing"
    page = browser.post(path, data={"email": email, "role": "viewer"})
    assert page.status_code == 422
    assert 'id="email-error"' in page.get_data(as_text=True)


@pytest.mark.parametrize(("act", "data"), [("change", {"role": "owner"}), ("change", {})])
def test_no_such_role(
    app: Flask, browser: FlaskClient, alice: User, bob: User, act: str, data: dict[str, str]
) -> None:
    """A member can be made nothing but viewer or editor."""
    workbook = make_workbook(app, alice)
    add_member(app, workbook.id, bob, "viewer")
    assert browser.post(f"/workbooks/{workbook.id}/sharing/{bob.id}/{act}", data=data).status_code == 422


def test_leave(app: Flask, browser: FlaskClient, alice: User, bob: User) -> None:
    """Who leaves a workbook no longer has it in the list."""
    workbook_id = make_grid(app, bob)
    add_member(app, workbook_id, alice, "editor")
    assert "Leave this workbook?" in _text(browser.get(f"/workbooks/{workbook_id}/leave"))
    browser.post(f"/workbooks/{workbook_id}/leave")
    assert browser.get(f"/workbooks/{workbook_id}/leave").status_code == 404


def test_owner_cannot_leave(app: Flask, browser: FlaskClient, alice: User) -> None:
    """The owner is told to use the trash instead."""
    assert browser.post(f"/workbooks/{make_grid(app, alice)}/leave").status_code == 409


def test_workbook_page(app: Flask, browser: FlaskClient, alice: User) -> None:
    """The workbook page serves the newest revision and any old one."""
    workbook_id: UUID = make_grid(app, alice, {"A1": 1})
    assert browser.get(f"/workbooks/{workbook_id}").status_code == 200
    assert browser.get(f"/workbooks/{workbook_id}/revisions/1").status_code == 200
    assert browser.get(f"/workbooks/{workbook_id}/revisions/2").status_code == 404
    assert browser.get(f"/workbooks/{workbook_id}/revisions/{10**30}").status_code == 404


def test_pages_have_no_inline_code(app: Flask, browser: FlaskClient, alice: User) -> None:
    """No page needs what the content security policy forbids: inline scripts, styles and handlers."""
    workbook_id = make_grid(app, alice, {"A1": 1})
    for path in (
        "",
        "/trash",
        "/new",
        "/upload",
        *(f"/{workbook_id}{page}" for page in ("", "/rename", "/sharing")),
    ):
        markup = browser.get(f"/workbooks{path}").get_data(as_text=True)
        assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", markup) == []


def test_every_icon_exists(app: Flask) -> None:
    """Every icon that a template or script asks for is in the sheet of icons."""
    static = Path(app.static_folder or "")
    there = set(re.findall(r'<symbol id="([a-z]+)"', (static / "icons.svg").read_text()))
    templates = Path(app.root_path, "templates").rglob("*.html")
    asked = {name for path in templates for name in re.findall(r'icon\("([a-z-]+)"', path.read_text())}
    assert asked - there == set()
