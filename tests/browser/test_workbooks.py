"""The list of workbooks, worked as a hand would: uploads, dialogs, trash, sharing."""

import re
from collections.abc import Iterable

import pytest
from playwright.sync_api import Browser, JSHandle, Page, expect

from app.models.user import User
from tests.browser.conftest import LiveServer
from tests.browser.steps import Upload, scrolls_sideways, sign_in, text_file
from tests.factories import add_member, make_grid, make_user, make_workbook

_NOT_A_SPREADSHEET: Upload = {
    "name": "notes.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.7\n\x00\xff",
}


@pytest.fixture
def alice(live_server: LiveServer) -> User:
    """A user."""
    return make_user(live_server.app, name="Alice")


@pytest.fixture
def bob(live_server: LiveServer) -> User:
    """Another."""
    return make_user(live_server.app, "bob@example.org", "Bob")


def _choose(page: Page, files: Iterable[Upload]) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("link", name="Upload").first.click()
    chooser.value.set_files(list(files))


def _dragged(page: Page, name: str, content: str) -> JSHandle:
    """What a drag of one file from outside the browser carries."""
    return page.evaluate_handle(
        """([name, content]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([content], name, { type: "text/csv" }));
            return carried;
        }""",
        [name, content],
    )


def _act(page: Page, workbook: str, action: str) -> None:
    """Choose from the menu of a workbook in the list."""
    page.get_by_label(f"Actions for {workbook}", exact=True).click()
    page.locator(".menu[open]").get_by_text(action).click()


def test_upload_by_button(page: Page, alice: User) -> None:
    """A chosen file is stored, appears in the list at once, and opens from there."""
    sign_in(page, alice)
    _choose(page, [text_file("rainfall.csv", "station,mm\nBirr,812\n")])
    expect(page.get_by_text("Stored · 1 sheet")).to_be_visible()
    expect(page.locator("#workbooks").get_by_role("link", name="rainfall", exact=True)).to_be_visible()
    page.get_by_role("link", name="Open rainfall").click()
    expect(page.get_by_role("heading", name="rainfall")).to_be_visible()


def test_upload_several(page: Page, alice: User) -> None:
    """Several files are taken one after the other; one that is refused says why and stops none."""
    sign_in(page, alice)
    _choose(page, [text_file("one.csv", "1\n"), _NOT_A_SPREADSHEET, text_file("two.csv", "2\n")])
    expect(page.get_by_text("Stored · 1 sheet")).to_have_count(2)
    expect(page.get_by_role("alert")).to_contain_text("not a spreadsheet")
    names = page.locator("#workbooks .row-link").all_inner_texts()
    assert sorted(names) == ["one", "two"]


def test_upload_by_drop(page: Page, alice: User) -> None:
    """A file dropped anywhere on the page is uploaded; while it hovers, the page says so."""
    sign_in(page, alice)
    carried = _dragged(page, "dropped.csv", "a,b\n")
    page.dispatch_event("h1", "dragenter", {"dataTransfer": carried})
    expect(page.get_by_text("Drop to upload")).to_be_visible()
    page.dispatch_event("h1", "drop", {"dataTransfer": carried})
    expect(page.get_by_text("Drop to upload")).to_be_hidden()
    expect(page.locator("#workbooks").get_by_role("link", name="dropped", exact=True)).to_be_visible()


def test_upload_above_the_limit(page: Page, live_server: LiveServer, alice: User) -> None:
    """A file that is too large is refused before it is sent, with both sizes told."""
    sign_in(page, alice)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    live_server.app.config["UPLOAD_LIMIT"], limit = 1000, live_server.app.config["UPLOAD_LIMIT"]
    try:
        page.reload()
    finally:
        live_server.app.config["UPLOAD_LIMIT"] = limit
    _choose(page, [text_file("large.csv", "x" * 2000)])
    expect(page.get_by_role("alert")).to_have_text("This file has 2 kB; at most 1 kB can be uploaded.")
    assert sent == []


def test_upload_without_server(page: Page, alice: User) -> None:
    """An upload that does not get through says so, and can be dismissed."""
    sign_in(page, alice)
    page.route("**/api/v1/workbooks", lambda route: route.abort())
    _choose(page, [text_file("one.csv", "1\n")])
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    page.get_by_label("Dismiss one.csv").click()
    expect(page.locator("#uploads")).to_be_hidden()


def test_upload_without_script(browser: Browser, live_server: LiveServer, alice: User) -> None:
    """Without scripts a file is uploaded by a plain form."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, alice)
    page.get_by_role("link", name="Upload").first.click()
    page.get_by_label("File").set_input_files([text_file("plain.csv", "1\n")])
    page.get_by_role("button", name="Upload").click()
    page.goto("/workbooks")
    expect(page.get_by_role("link", name="plain", exact=True)).to_be_visible()
    context.close()


def test_new_workbook(page: Page, alice: User) -> None:
    """New asks for a name in a dialog and opens the blank workbook."""
    sign_in(page, alice)
    page.get_by_role("link", name="New", exact=True).click()
    dialog = page.get_by_role("dialog", name="New workbook")
    expect(dialog.get_by_label("Name")).to_be_focused()
    dialog.get_by_label("Name").fill("Plan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Plan")).to_be_visible()


def test_rename_in_a_dialog(page: Page, live_server: LiveServer, alice: User) -> None:
    """A name that does not do is told in the dialog; one that does is in the list, with a word about it."""
    make_workbook(live_server.app, alice)
    sign_in(page, alice)
    _act(page, "Budget", "Rename…")
    name = page.get_by_role("dialog").get_by_label("Name")
    name.fill("  ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_text("Give the workbook a name.")).to_be_visible()
    name.fill("Plan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_text("Renamed to “Plan”.")).to_be_visible()
    expect(page.get_by_role("link", name="Plan", exact=True)).to_be_visible()


def test_escape_leaves_things_alone(page: Page, live_server: LiveServer, alice: User) -> None:
    """Escape closes a menu and a dialog, and nothing has changed."""
    make_workbook(live_server.app, alice)
    sign_in(page, alice)
    page.get_by_label("Actions for Budget").focus()
    for item in ("Version history", "Download", "Upload new version", "Rename"):
        page.keyboard.press("ArrowDown")
        expect(page.locator(":focus")).to_have_text(re.compile(item))
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_label("Name").fill("Other")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("link", name="Budget", exact=True)).to_be_visible()


def test_trash_and_purge(page: Page, live_server: LiveServer, alice: User) -> None:
    """A workbook goes to the trash, comes back, and is purged only once its name is typed."""
    make_workbook(live_server.app, alice)
    sign_in(page, alice)
    _act(page, "Budget", "Move to trash")
    expect(page.get_by_text("Put your first spreadsheet in the cellar")).to_be_visible()
    page.get_by_role("link", name="Trash").click()
    page.get_by_role("button", name="Restore Budget").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    page.goto("/workbooks")
    _act(page, "Budget", "Move to trash")
    page.goto("/workbooks/trash")
    page.get_by_role("link", name="Purge Budget").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type the workbook’s name").fill("budget")
    dialog.get_by_role("button", name="Purge for good").click()
    expect(dialog.get_by_text("That is not the workbook's name.")).to_be_visible()
    dialog.get_by_label("Type the workbook’s name").fill("Budget")
    dialog.get_by_role("button", name="Purge for good").click()
    expect(page.get_by_text("gone for good")).to_be_visible()
    expect(page.get_by_text("The trash is empty")).to_be_visible()


def test_share_in_a_dialog(page: Page, live_server: LiveServer, alice: User, bob: User) -> None:
    """In one dialog the owner adds somebody, changes their role and withdraws it."""
    make_workbook(live_server.app, alice)
    sign_in(page, alice)
    _act(page, "Budget", "Share…")
    dialog = page.get_by_role("dialog", name="Share “Budget”")
    dialog.get_by_label("E-mail address").fill("nobody@example.org")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Nobody has an account here")).to_be_visible()
    dialog.get_by_label("E-mail address").fill(bob.email)
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Bob may view this workbook now.")).to_be_visible()
    dialog.get_by_label("What Bob may do").select_option("Can edit")
    expect(dialog.get_by_text("The role was changed.")).to_be_visible()
    expect(dialog.get_by_label("What Bob may do")).to_have_value("editor")
    dialog.get_by_label("Stop sharing with Bob").click()
    expect(dialog.get_by_text(bob.email)).to_have_count(0)


def test_leave(page: Page, live_server: LiveServer, alice: User, bob: User) -> None:
    """Who leaves a shared workbook is asked first, and then rid of it."""
    add_member(live_server.app, make_grid(live_server.app, bob), alice, "editor")
    sign_in(page, alice)
    _act(page, "Budget", "Leave…")
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You left “Budget”.")).to_be_visible()
    expect(page.get_by_role("link", name="Budget", exact=True)).to_have_count(0)


def test_search(page: Page, live_server: LiveServer, alice: User) -> None:
    """Typing a part of a name and Enter leaves the workbooks that have it."""
    for name in ("Budget", "Plan"):
        make_workbook(live_server.app, alice, name)
    sign_in(page, alice)
    page.get_by_label("Search workbooks by name").fill("pLA")
    page.keyboard.press("Enter")
    expect(page.locator(".row-link")).to_have_text(["Plan"])


def test_whole_row_opens(page: Page, live_server: LiveServer, alice: User) -> None:
    """A click anywhere on a row opens its workbook."""
    make_grid(live_server.app, alice, {"A1": 1})
    sign_in(page, alice)
    place = page.locator("td.when").bounding_box()
    assert place
    page.mouse.click(place["x"] + 5, place["y"] + 5)
    page.wait_for_url(re.compile(r"/workbooks/[0-9a-f-]{36}$"))


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_fits_the_window(page: Page, live_server: LiveServer, alice: User, bob: User, width: int) -> None:
    """Lists and dialogs fit windows from small phones on."""
    for name in ("Budget", "Rainfall 1931–2024 by station, all counties of the western seaboard", "x" * 200):
        workbook = make_workbook(live_server.app, alice, name)
    add_member(live_server.app, workbook.id, bob, "viewer")
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, alice)
    for path in ("", "/trash", "/new", "/upload", f"/{workbook.id}/rename", f"/{workbook.id}/sharing"):
        page.goto(f"/workbooks{path}")
        assert not scrolls_sideways(page), path
