"""Uploading a new version of a workbook, through the page and the API."""

import json
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.models.user import User
from tests.factories import add_member, make_user, sign_in


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice's account."""
    return make_user(app)


@pytest.fixture
def browser(app: Flask, client: FlaskClient, alice: User) -> FlaskClient:
    """A browser in which Alice is signed in."""
    return sign_in(app, client, alice)


@pytest.fixture
def workbook_id(browser: FlaskClient) -> UUID:
    """A workbook of two rows."""
    made = browser.post("/api/v1/workbooks", data=_file(b"a,1\nb,2\n"))
    return UUID(made.json["id"])  # type: ignore[index]


def _file(content: bytes, name: str = "table.csv", **fields: object) -> dict[str, Any]:
    return {"file": (BytesIO(content), name), **{name: str(value) for name, value in fields.items()}}


def _send(browser: FlaskClient, workbook_id: UUID, data: dict[str, Any], **headers: str) -> TestResponse:
    return browser.post(f"/api/v1/workbooks/{workbook_id}/upload", data=data, headers=headers)


def test_the_api_takes_a_new_version(browser: FlaskClient, workbook_id: UUID) -> None:
    """201 with the workbook as it is now and how many cells changed; once a key."""
    data = {"base": 1, "key": uuid4(), "message": "June"}
    for _ in range(2):
        made = _send(browser, workbook_id, _file(b"a,1\nb,3\n", **data))
        told = made.json or {}
        assert (made.status_code, told["number"], told["made"], told["changed"]) == (201, 2, True, 1)
        assert [sheet["name"] for sheet in told["sheets"]] == ["table"]
    (newest, _) = (browser.get(f"/api/v1/workbooks/{workbook_id}/revisions").json or {})["items"]
    assert (newest["via"], newest["message"]) == ("upload", "June")
    assert newest["title"] == "table.csv was uploaded as the new version: 1 sheet, 4 cells. 1 cell changed."


def test_the_same_file_changes_nothing(browser: FlaskClient, workbook_id: UUID) -> None:
    """200, and the number of the newest revision."""
    made = _send(browser, workbook_id, _file(b"a,1\nb,2\n", "other.csv"))
    assert (made.status_code, made.json["made"], made.json["number"]) == (200, False, 1)  # type: ignore[index]


def test_a_client_can_follow_it(browser: FlaskClient, workbook_id: UUID) -> None:
    """Lines of progress, at last the workbook, or the problem."""
    content = b"".join(b"%d,some text in a cell\n" % at for at in range(20_000))
    lines = _send(browser, workbook_id, _file(content), Accept="application/x-ndjson").text.splitlines()
    told = [json.loads(line) for line in lines]
    assert [line["progress"] for line in told[:-1]] == sorted(line["progress"] for line in told[:-1])
    assert told[-1]["workbook"]["number"] == 2
    (line,) = _send(browser, workbook_id, _file(b"\x89PNG"), Accept="application/x-ndjson").text.splitlines()
    assert json.loads(line)["problem"]["type"] == "unreadable-file"


def test_others_were_faster(browser: FlaskClient, workbook_id: UUID) -> None:
    """409 with the revision that the file would have replaced unseen."""
    _send(browser, workbook_id, _file(b"x\n"))
    refused = _send(browser, workbook_id, _file(b"y\n", base=1))
    told = refused.json or {}
    assert (refused.status_code, told["type"], told["base"], told["head"]) == (409, "head-moved", 1, 2)


@pytest.mark.parametrize("data", [{}, {"base": "x"}, {"key": "x"}, {"base": "99"}])
def test_bad_requests(browser: FlaskClient, workbook_id: UUID, data: dict[str, str]) -> None:
    """What is missing, misspelt or not there is told."""
    sent: dict[str, Any] = _file(b"x\n", **data) if data else {"base": "1"}
    assert _send(browser, workbook_id, sent).status_code == (404 if data.get("base") == "99" else 422)


def test_who_may_only_look(app: Flask, workbook_id: UUID) -> None:
    """A viewer is refused, a stranger sees nothing."""
    bob = make_user(app, "bob@example.org")
    other = sign_in(app, app.test_client(), bob)
    assert _send(other, workbook_id, _file(b"x\n")).status_code == 404
    add_member(app, workbook_id, bob, "viewer")
    assert _send(other, workbook_id, _file(b"x\n")).status_code == 403


def test_the_page_without_script(browser: FlaskClient, workbook_id: UUID) -> None:
    """The form takes the file, its message and the revision it was made from; mistakes come back with it."""
    address = f"/workbooks/{workbook_id}/upload"
    assert 'name="base" type="hidden" value="1"' in browser.get(address).text
    sent = browser.post(address, data=_file(b"a,1\nb,9\n", base=1, message="by hand"))
    assert (sent.status_code, sent.location) == (303, f"/workbooks/{workbook_id}")
    late = browser.post(address, data=_file(b"z\n", base=1))
    assert late.status_code == 422
    assert "Look at revision 2 first" in late.text
    assert 'name="base" type="hidden" value="2"' in late.text
    for data in ({"base": "1"}, {"base": "x"}, _file(b"\x89PNG", base=2)):
        assert browser.post(address, data=data).status_code == 422
