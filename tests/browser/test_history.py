"""The version history, worked as a hand would: looking, going back, naming, downloading."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.models.user import User
from app.services import commits
from app.sheet.address import parse_cell
from app.sheet.cell import Value
from app.sheet.operations import Entered, SetCells
from tests.browser.conftest import LiveServer
from tests.browser.steps import scrolls_sideways, sign_in
from tests.factories import NOW, make_grid, make_user


@pytest.fixture
def alice(live_server: LiveServer) -> User:
    """A user."""
    return make_user(live_server.app, name="Alice")


@pytest.fixture
def workbook_id(live_server: LiveServer, alice: User) -> UUID:
    """A workbook of Alice's: A1 was 1, then 2, then “three”."""
    workbook_id = make_grid(live_server.app, alice, {"A1": 1})
    _edit(live_server, alice, workbook_id, 1, "A1", 2)
    _edit(live_server, alice, workbook_id, 2, "A1", "three")
    return workbook_id


def _edit(
    server: LiveServer,
    actor: User,
    workbook_id: UUID,
    base: int,
    cell: str,
    value: Value,
    now: datetime = NOW,
) -> None:
    operation = SetCells(1, {parse_cell(cell): Entered(value)})
    with server.app.app_context():
        commits.commit(actor, workbook_id, base, [operation], now=now, via="grid")


def _act(page: Page, number: int, action: str) -> Locator:
    """Choose from the menu of a revision; the dialog that opens."""
    page.get_by_label(f"Actions for revision {number}", exact=True).click()
    page.locator(".menu[open]").get_by_text(action).click()
    return page.get_by_role("dialog")


def test_restore(page: Page, alice: User, workbook_id: UUID) -> None:
    """An old revision is looked at and then made the newest again, with a reason."""
    sign_in(page, alice)
    page.goto(f"/workbooks/{workbook_id}/history")
    page.get_by_label("Open revision 1", exact=True).click()
    expect(page.get_by_text("It cannot be edited.")).to_be_visible()
    page.go_back()
    dialog = _act(page, 1, "Restore this version…")
    dialog.get_by_label("Message").fill("Back to the start")
    dialog.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Revision 1 is back, as revision 4.")).to_be_visible()
    newest = page.locator(".revision").first
    expect(newest).to_contain_text("Back to the start")
    expect(newest).to_contain_text("Current")


def test_revert(page: Page, alice: User, workbook_id: UUID) -> None:
    """A revert shows beforehand what goes back, and does that."""
    sign_in(page, alice)
    page.goto(f"/workbooks/{workbook_id}/history")
    dialog = _act(page, 3, "Revert these changes…")
    expect(dialog.locator(".changed-cells")).to_contain_text(re.compile(r"A1\s*three\s*→\s*2"))
    dialog.get_by_role("button", name="Revert").click()
    expect(page.get_by_text("Revision 3 was reverted by revision 4.")).to_be_visible()


def test_revert_in_conflict(page: Page, alice: User, workbook_id: UUID) -> None:
    """A revert that would undo later work leads to a page that tells which cells stand in the way."""
    sign_in(page, alice)
    page.goto(f"/workbooks/{workbook_id}/history")
    _act(page, 2, "Revert these changes…").get_by_role("button", name="Revert").click()
    expect(page.get_by_role("heading", name="Revision 2 cannot be reverted as it is")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_text([re.compile(r"Sheet1\s*A1\s*2\s*three\s*1")])
    page.get_by_role("link", name="Back to the history").click()
    expect(page.locator(".revision")).to_have_count(3)


def test_name(page: Page, alice: User, workbook_id: UUID) -> None:
    """A named version stands out in the history."""
    sign_in(page, alice)
    page.goto(f"/workbooks/{workbook_id}/history")
    dialog = _act(page, 2, "Name this version…")
    dialog.get_by_label("Name").fill("Draft")
    page.keyboard.press("Enter")
    expect(page.locator(".revision.named").get_by_role("heading", name="Draft")).to_be_visible()


def test_download(page: Page, alice: User, workbook_id: UUID) -> None:
    """A sheet of an old revision is downloaded from a choice of formats."""
    sign_in(page, alice)
    page.goto(f"/workbooks/{workbook_id}/history")
    dialog = _act(page, 2, "Download…")
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Sheet1 as CSV").click()
    assert download.value.suggested_filename == "Budget (revision 2).csv"
    assert download.value.path().read_bytes() == b"2\r\n"


def test_days_of_the_reader(
    browser: Browser, live_server: LiveServer, alice: User, workbook_id: UUID
) -> None:
    """Revisions are grouped by the days of the reader's own time zone."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB", timezone_id="Pacific/Kiritimati")
    page = context.new_page()
    # 09:26 UTC is 23:26 there; an hour later it is the next day there, and still the same in UTC.
    _edit(live_server, alice, workbook_id, 3, "A1", 4, NOW + timedelta(hours=1))
    sign_in(page, alice)
    page.goto(f"/workbooks/{workbook_id}/history")
    expect(page.locator(".day > h2")).to_have_text([re.compile("15 March 2026"), re.compile("14 March 2026")])
    context.close()


def test_older_pages(page: Page, live_server: LiveServer, alice: User) -> None:
    """A long history goes on page by page to its first revision."""
    workbook_id = make_grid(live_server.app, alice)
    for base in range(1, 55):
        _edit(live_server, alice, workbook_id, base, "A1", base)
    sign_in(page, alice)
    page.goto(f"/workbooks/{workbook_id}/history")
    expect(page.locator(".revision")).to_have_count(50)
    page.get_by_role("link", name="Older revisions").click()
    expect(page.locator(".revision")).to_have_count(5)
    expect(page.locator(".revision").last).to_contain_text("#1")


def test_all_changes(page: Page, alice: User, workbook_id: UUID) -> None:
    """A revision's own page shows its cells, and leads to its neighbours."""
    sign_in(page, alice)
    page.goto(f"/workbooks/{workbook_id}/history/2")
    expect(page.locator("tbody tr")).to_have_text([re.compile(r"Sheet1\s*A1\s*1\s*2")])
    page.get_by_role("link", name="Revision 3").click()
    expect(page.locator("tbody tr")).to_have_text([re.compile(r"Sheet1\s*A1\s*2\s*three")])


def test_without_script(browser: Browser, live_server: LiveServer, alice: User, workbook_id: UUID) -> None:
    """Without scripts the history is read and a revision restored by plain pages."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, alice)
    page.goto(f"/workbooks/{workbook_id}/history")
    page.get_by_label("Actions for revision 1", exact=True).click()
    page.get_by_role("link", name="Restore this version…").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Revision 1 is back, as revision 4.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_fits_the_window(
    page: Page, live_server: LiveServer, alice: User, workbook_id: UUID, width: int
) -> None:
    """History pages fit windows from small phones on, whatever a cell holds."""
    _edit(live_server, alice, workbook_id, 3, "XFD1048576", "long " * 100 + "x" * 300)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, alice)
    for path in (
        "/history",
        "/history/4",
        "/revisions/4/restore",
        "/revisions/4/revert",
        "/revisions/4/download",
    ):
        page.goto(f"/workbooks/{workbook_id}{path}")
        assert not scrolls_sideways(page), path
