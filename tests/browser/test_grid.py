"""The workbook page, worked as a hand would: keys, mouse, touch, clipboard, and what others do meanwhile."""

import re
from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

import pytest
from flask.sessions import SecureCookieSessionInterface
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from playwright.sync_api import Browser, Locator, Page, expect

from app.models.user import User
from app.services import sessions
from tests.browser.conftest import LiveServer
from tests.factories import add_member, make_grid, make_user

FAR = 900_000


def sign_in(page: Page, live_server: LiveServer, user: User) -> None:
    """Give the browser the cookie that the sign-in page would."""
    app = live_server.app
    with app.app_context():
        token = sessions.begin(user, False, "Test browser", "127.0.0.1", datetime.now(UTC))
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer
    name, value = app.config["SESSION_COOKIE_NAME"], str(serializer.dumps({"token": token}))
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])


def open_grid(page: Page, workbook: UUID | str, rest: str = "") -> None:
    """Open the workbook page and wait until it takes keys."""
    page.goto(f"/workbooks/{workbook}{rest}")
    expect(page.locator(".cell-editor")).to_be_focused()


@pytest.fixture
def alice(live_server: LiveServer) -> User:
    """A user."""
    return make_user(live_server.app)


@pytest.fixture
def signed_in(page: Page, live_server: LiveServer, alice: User) -> Page:
    """A page of alice's browser."""
    sign_in(page, live_server, alice)
    return page


def start(page: Page, live_server: LiveServer, alice: User, cells: dict[str, object] | None = None) -> UUID:
    """A workbook of alice's that holds these cells, open in her browser; A1 is there to see."""
    workbook = make_grid(live_server.app, alice, cells)
    sign_in(page, live_server, alice)
    open_grid(page, workbook)
    if cells and "A1" in cells:
        expect(cell(page, "A1")).not_to_be_empty()
    return workbook


def upload(page: Page, workbook: Workbook) -> str:
    """Upload a workbook that openpyxl made; its id."""
    file = BytesIO()
    workbook.save(file)
    page.goto("/workbooks")
    content = {"name": "made.xlsx", "mimeType": "application/octet-stream", "buffer": file.getvalue()}
    answer = page.request.post("/api/v1/workbooks", multipart={"file": content}, headers=csrf(page))
    return str(answer.json()["id"])


def csrf(page: Page) -> dict[str, str]:
    """The header that lets requests from outside the page's scripts change something."""
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    return {"X-CSRFToken": token, "Accept": "application/json"}


def commit_elsewhere(page: Page, workbook: UUID, cells: dict[str, str], base: int = 1) -> None:
    """Save an edit that this page knows nothing of."""
    operations = [{"op": "set_cells", "sheet": 1, "cells": {k: {"input": v} for k, v in cells.items()}}]
    answer = page.request.post(
        f"/api/v1/workbooks/{workbook}/revisions",
        data={"base": base, "operations": operations},
        headers=csrf(page),
    )
    assert answer.status == 201


def go_to(page: Page, reference: str) -> None:
    """Go to a cell or range by the name box."""
    page.get_by_label("Cell or range to go to").fill(reference)
    page.get_by_label("Cell or range to go to").press("Enter")


def cell(page: Page, name: str) -> Locator:
    """The element of a cell that shows something."""
    letters, number = re.fullmatch(r"([A-Z]+)(\d+)", name).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    row = f'[role=row][aria-rowindex="{number}"]:not([hidden])'
    return page.locator(f'{row} > [role=gridcell][aria-colindex="{column}"]:not([hidden])')


def expect_saved(page: Page, revision: int) -> None:
    """Wait until everything is saved, the last of it as this revision."""
    expect(page.locator("[data-part=revision]")).to_have_text(f"Revision {revision}")
    expect(page.locator("[data-part=mark]")).to_have_text("Saved")


def bar(page: Page) -> Locator:
    """The formula bar."""
    return page.get_by_label("Content of the active cell")


def name_box(page: Page) -> Locator:
    """The name box."""
    return page.get_by_label("Cell or range to go to")


def test_typing_is_saved_and_there_after_a_reload(page, live_server, alice):
    """What is typed is saved without being asked, and is there when the page is opened again."""
    workbook = start(page, live_server, alice)
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    expect_saved(page, 2)
    open_grid(page, workbook)
    expect(cell(page, "A1")).to_have_text("hello")


def test_tab_and_enter_fill_in_a_table(page, live_server, alice):
    """Enter after a run of Tabs goes back below where the run began."""
    start(page, live_server, alice)
    for text, key in (("a", "Tab"), ("b", "Tab"), ("c", "Enter"), ("d", "Enter")):
        page.keyboard.type(text)
        page.keyboard.press(key)
    expect(cell(page, "C1")).to_have_text("c")
    expect(cell(page, "A2")).to_have_text("d")
    expect(name_box(page)).to_have_value("A3")


def test_quick_edits_are_saved_in_order(page, live_server, alice):
    """Edits made while one is being saved follow it, none is lost."""
    workbook = start(page, live_server, alice)
    for number in range(20):
        page.keyboard.type(str(number))
        page.keyboard.press("Enter")
    expect(page.locator("[data-part=mark]")).to_have_text("Saved")
    open_grid(page, workbook)
    for number in range(20):
        expect(cell(page, f"A{number + 1}")).to_have_text(str(number))


def test_escape_leaves_the_cell_as_it_was(page, live_server, alice):
    """Escape gives up what was typed."""
    start(page, live_server, alice, {"A1": "kept"})
    page.keyboard.type("gone")
    page.keyboard.press("Escape")
    expect(cell(page, "A1")).to_have_text("kept")
    expect(page.locator("[data-part=revision]")).to_have_text("Revision 1")


def test_f2_edits_what_is_there(page, live_server, alice):
    """F2 puts the caret behind the cell's content, where arrows move it."""
    start(page, live_server, alice, {"A1": "ac"})
    page.keyboard.press("F2")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("b")
    page.keyboard.press("Enter")
    expect(cell(page, "A1")).to_have_text("abc")
    expect_saved(page, 2)


def test_double_click_edits(page, live_server, alice):
    """A double click opens the editor on the cell under it."""
    start(page, live_server, alice, {"B2": "x"})
    cell(page, "B2").dblclick()
    expect(page.locator(".cell-editor.editing")).to_have_value("x")


def test_the_formula_bar_edits_the_active_cell(page, live_server, alice):
    """What is typed into the formula bar goes into the active cell."""
    start(page, live_server, alice, {"A1": "x"})
    bar(page).click()
    page.keyboard.press("End")
    page.keyboard.type("yz")
    page.keyboard.press("Enter")
    expect(cell(page, "A1")).to_have_text("xyz")
    expect(page.locator(".cell-editor")).to_be_focused()


def test_a_click_elsewhere_keeps_what_was_typed(page, live_server, alice):
    """Going to another cell with the mouse ends typing and saves it."""
    start(page, live_server, alice, {"C5": "there"})
    page.keyboard.type("typed")
    cell(page, "C5").click()
    expect(cell(page, "A1")).to_have_text("typed")
    expect(name_box(page)).to_have_value("C5")
    expect_saved(page, 2)


def test_an_input_method_composes_in_the_cell(page, live_server, alice):
    """The first key of an input method already composes in the cell, and its Enter ends no edit."""
    start(page, live_server, alice)
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "n", "selectionStart": 1, "selectionEnd": 1})
    expect(page.locator(".cell-editor.editing")).to_have_value("n")
    session.send("Input.insertText", {"text": "日本"})
    page.keyboard.press("Enter")
    expect(cell(page, "A1")).to_have_text("日本")


def test_delete_clears_the_selection(page, live_server, alice):
    """Delete empties all selected cells in one revision."""
    workbook = start(page, live_server, alice, {"A1": 1, "B2": 2, "C3": 3})
    go_to(page, "A1:B2")
    page.keyboard.press("Delete")
    expect_saved(page, 2)
    open_grid(page, workbook)
    expect(cell(page, "C3")).to_have_text("3")
    expect(cell(page, "B2")).to_have_count(0)


def test_undo_and_redo_are_revisions(page, live_server, alice):
    """Ctrl+Z takes back the newest own edit, Ctrl+Y brings it again; history keeps both."""
    start(page, live_server, alice, {"A1": "old"})
    page.keyboard.type("new")
    page.keyboard.press("Enter")
    expect_saved(page, 2)
    page.keyboard.press("Control+z")
    expect_saved(page, 3)
    expect(cell(page, "A1")).to_have_text("old")
    expect(name_box(page)).to_have_value("A1")
    page.keyboard.press("Control+y")
    expect_saved(page, 4)
    expect(cell(page, "A1")).to_have_text("new")


def test_a_copied_formula_moves_its_references(page, live_server, alice):
    """Pasting a formula elsewhere moves the references that are not fixed."""
    start(page, live_server, alice)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.type("=B1+$C$1")
    page.keyboard.press("Enter")
    go_to(page, "A1")
    page.keyboard.press("Control+c")
    go_to(page, "D4")
    page.keyboard.press("Control+v")
    expect(bar(page)).to_have_value("=E4+$C$1")
    expect_saved(page, 3)


def test_pasting_from_another_program(page, live_server, alice):
    """Tab-separated text with quoted line ends goes into cells as Excel would put it."""
    start(page, live_server, alice)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("""navigator.clipboard.writeText('a\\t1.5\\r\\n"two\\nlines"\\tb\\r\\n')""")
    go_to(page, "B2")
    page.keyboard.press("Control+v")
    expect(cell(page, "C2")).to_have_text("1.5")
    expect(cell(page, "C3")).to_have_text("b")
    expect(name_box(page)).to_have_value("B2:C3")
    go_to(page, "B3")
    expect(bar(page)).to_have_value("two\nlines")


def test_copying_cells_that_are_not_loaded(page, live_server, alice):
    """A range beyond what was fetched is copied whole."""
    start(page, live_server, alice, {"A1": "first", "B4000": "last"})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    go_to(page, "A1:B4000")
    page.keyboard.press("Control+c")
    lines: list[str] = []
    while len(lines) < 4000:
        lines = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert (lines[0], lines[-1], len(lines)) == ("first\t", "\tlast", 4000)


def test_cutting_moves_cells(page, live_server, alice):
    """Cut cells are emptied when they are pasted, in the same revision."""
    start(page, live_server, alice, {"A1": "moved"})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("Control+x")
    expect(page.locator(".mark.lifted:visible")).to_have_count(1)
    go_to(page, "C3")
    page.keyboard.press("Control+v")
    expect_saved(page, 2)
    expect(cell(page, "C3")).to_have_text("moved")
    expect(cell(page, "A1")).to_have_count(0)


def test_a_far_cell_is_shown(page, live_server, alice):
    """The name box leads to a cell far down, which lies in the window and is painted."""
    start(page, live_server, alice, {"A1": "top", f"C{FAR}": "far"})
    go_to(page, f"C{FAR}")
    expect(cell(page, f"C{FAR}")).to_have_text("far")
    expect(cell(page, f"C{FAR}")).to_be_in_viewport()
    with_text = cell(page, f"C{FAR}").screenshot()
    go_to(page, f"C{FAR + 1}")
    expect(cell(page, f"C{FAR}")).to_be_in_viewport()
    page.keyboard.press("Delete")
    assert cell(page, f"C{FAR + 1}").screenshot() != with_text


def test_the_last_cell_of_all_can_be_reached(page, live_server, alice):
    """XFD1048576 can be gone to and typed into."""
    start(page, live_server, alice)
    go_to(page, "XFD1048576")
    page.keyboard.type("end")
    page.keyboard.press("Enter")
    expect(cell(page, "XFD1048576")).to_have_text("end")
    expect_saved(page, 2)


def test_a_wheel_step_moves_as_many_pixels_on_a_long_sheet(page, live_server, alice):
    """Where scrolling is scaled, a small step still moves the cells by itself."""
    start(page, live_server, alice, {"A500000": "middle", "A1000000": "end"})
    go_to(page, "A500000")
    middle = cell(page, "A500000")
    before = middle.bounding_box()["y"]
    page.mouse.move(600, 400)
    page.mouse.wheel(0, 100)
    while (after := middle.bounding_box()["y"]) == before:
        pass
    assert after == pytest.approx(before - 100, abs=1)


def test_frozen_panes_stay(signed_in):
    """Frozen rows and columns are seen wherever the sheet is scrolled to."""
    made = Workbook()
    sheet = made.active
    sheet["A1"], sheet["B2"], sheet["AZ500"] = "corner", "body", "far"
    sheet.freeze_panes = "B2"
    open_grid(signed_in, upload(signed_in, made))
    expect(cell(signed_in, "B2")).to_have_text("body")
    go_to(signed_in, "AZ500")
    expect(cell(signed_in, "AZ500")).to_be_in_viewport()
    expect(cell(signed_in, "A1")).to_be_in_viewport()
    expect(cell(signed_in, "B2")).not_to_be_in_viewport()


def test_styles_merges_and_hidden_rows_are_shown(signed_in):
    """Bold, fill, row heights, a merge and a hidden row look as in the file."""
    made = Workbook()
    sheet = made.active
    sheet["A1"] = "Title"
    sheet["A1"].font = Font(bold=True, size=20)
    sheet.merge_cells("A1:C1")
    sheet.row_dimensions[1].height = 45
    sheet["A2"] = "filled"
    sheet["A2"].fill = PatternFill("solid", fgColor="1F4E79")
    sheet["A2"].font = Font(color="FFFFFF")
    sheet["A3"] = "hidden"
    sheet.row_dimensions[3].hidden = True
    sheet["A4"] = "after"
    open_grid(signed_in, upload(signed_in, made))
    title = cell(signed_in, "A1")
    expect(title).to_have_css("font-weight", "700")
    assert (title.bounding_box()["width"], title.bounding_box()["height"]) == (192, 60)
    expect(cell(signed_in, "A2")).to_have_css("color", "rgb(255, 255, 255)")
    expect(cell(signed_in, "A3")).to_have_count(0)
    assert cell(signed_in, "A4").bounding_box()["y"] == cell(signed_in, "A2").bounding_box()["y"] + 20


def test_long_text_runs_over_empty_neighbours_only(page, live_server, alice):
    """Text that is too long goes on over empty cells and ends at a filled one."""
    start(page, live_server, alice, {"A1": "x" * 40, "A2": "x" * 40, "B2": "stop"})
    assert cell(page, "A1").bounding_box()["width"] > 200
    assert cell(page, "A2").bounding_box()["width"] == 64


def test_numbers_in_narrow_columns(signed_in):
    """A number of no format of its own shows fewer digits where room is short; a formatted one hashes."""
    made = Workbook()
    made.active["A1"], made.active["A2"], made.active["A3"] = 1 / 3, 12345678901, 123456789012
    made.active["A3"].number_format = "#,##0"
    open_grid(signed_in, upload(signed_in, made))
    expect(cell(signed_in, "A1")).to_have_text(re.compile(r"^0\.3{4,7}$"))
    expect(cell(signed_in, "A2")).to_have_text(re.compile(r"^1\.2\d*E\+10$"))
    expect(cell(signed_in, "A3")).to_have_text(re.compile("^#+$"))


def test_tabs_change_the_sheet(signed_in):
    """Each sheet has a tab, and remembers what was selected on it."""
    made = Workbook()
    made.active["A1"] = "one"
    made.create_sheet("Other")["A1"] = "two"
    open_grid(signed_in, upload(signed_in, made))
    go_to(signed_in, "B7")
    signed_in.get_by_role("tab", name="Other").click()
    expect(cell(signed_in, "A1")).to_have_text("two")
    signed_in.get_by_role("tab", name="Sheet").click()
    expect(cell(signed_in, "A1")).to_have_text("one")
    expect(name_box(signed_in)).to_have_value("B7")


def test_the_status_bar_sums_up_the_selection(page, live_server, alice):
    """Count, sum and average of what is selected."""
    start(page, live_server, alice, {"A1": 1, "A2": 2.5, "A3": "text"})
    expect(cell(page, "A3")).to_have_text("text")
    go_to(page, "A1:B3")
    expect(page.locator(".status-sums")).to_have_text("Count: 3   Sum: 3.5   Average: 1.75")


def test_mouse_selection(page, live_server, alice):
    """Drag, Shift+click and headers select ranges, columns and rows."""
    start(page, live_server, alice, {"A1": 1, "C3": 3, "D9": 4})
    cell(page, "A1").click()
    cell(page, "C3").click(modifiers=["Shift"])
    expect(name_box(page)).to_have_value("A1:C3")
    page.locator(".of-columns .head", has_text=re.compile("^B$")).click()
    expect(name_box(page)).to_have_value("B:B")
    page.locator(".of-rows .head", has_text=re.compile("^4$")).click()
    expect(name_box(page)).to_have_value("4:4")
    cell(page, "C3").hover()
    page.mouse.down()
    cell(page, "D9").hover()
    page.mouse.up()
    expect(name_box(page)).to_have_value("C3:D9")


def test_keyboard_movement(page, live_server, alice):
    """Arrows, Ctrl+arrows, Home, End and their Shift forms move as in Excel."""
    start(page, live_server, alice, {"A1": 1, "A2": 2, "A3": 3, "E9": 4})
    expect(cell(page, "E9")).to_have_text("4")
    for keys, reached in (
        ("Control+ArrowDown", "A3"),
        ("ArrowRight", "B3"),
        ("Control+End", "E9"),
        ("Home", "A9"),
        ("Control+Home", "A1"),
        ("Shift+Control+ArrowDown", "A1:A3"),
        ("Control+a", "A1:XFD1048576"),
    ):
        page.keyboard.press(keys)
        expect(name_box(page)).to_have_value(reached)


def test_a_reference_that_is_none_is_told(page, live_server, alice):
    """The name box says what it takes where it is given something else."""
    start(page, live_server, alice)
    go_to(page, "nowhere")
    expect(page.locator(".toast")).to_contain_text("“nowhere” is no cell or range")


def test_what_others_save_appears(page, live_server, alice):
    """A cell that somebody else saves appears by itself, and the selection stays."""
    workbook = start(page, live_server, alice, {"A1": "mine"})
    go_to(page, "B5")
    commit_elsewhere(page, workbook, {"C3": "theirs"})
    expect(cell(page, "C3")).to_have_text("theirs")
    expect(page.locator("[data-part=revision]")).to_have_text("Revision 2")
    expect(name_box(page)).to_have_value("B5")


def test_edits_of_different_cells_are_both_kept(page, live_server, alice):
    """An edit made on an older base goes on top of somebody else's, which then is shown too."""
    workbook = start(page, live_server, alice)
    commit_elsewhere(page, workbook, {"C3": "theirs"})
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    expect_saved(page, 3)
    expect(cell(page, "C3")).to_have_text("theirs")
    expect(cell(page, "A1")).to_have_text("mine")


@pytest.mark.parametrize(
    ("choice", "left", "revision"), [("Keep mine", "mine", 3), ("Take theirs", "theirs", 2)]
)
def test_a_conflict_is_a_choice(page, live_server, alice, choice, left, revision):
    """Where both changed one cell, a dialog shows both values and does what is chosen."""
    workbook = start(page, live_server, alice, {"A1": "before"})
    watching = f"**/api/v1/workbooks/{workbook}"
    page.route(watching, lambda route: route.abort())
    commit_elsewhere(page, workbook, {"A1": "theirs"})
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("tbody tr")).to_have_text(re.compile("A1.*before.*mine.*theirs"))
    page.unroute(watching)
    dialog.get_by_role("button", name=choice).click()
    expect_saved(page, revision)
    expect(cell(page, "A1")).to_have_text(left)
    expect(page.locator(".cell-editor")).to_be_focused()


def test_edits_made_offline_are_saved_later(page, live_server, alice):
    """Without a network edits stay painted and are saved once it is back."""
    workbook = start(page, live_server, alice)
    page.context.set_offline(True)
    page.keyboard.type("kept")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=mark]")).to_have_text("Offline, will retry")
    expect(cell(page, "A1")).to_have_text("kept")
    page.context.set_offline(False)
    expect_saved(page, 2)
    open_grid(page, workbook)
    expect(cell(page, "A1")).to_have_text("kept")


def test_an_answer_that_is_lost_saves_nothing_twice(page, live_server, alice):
    """The request is repeated with its key, so the revision is made once."""
    workbook = start(page, live_server, alice)
    lost = []

    def lose_the_first(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route(f"**/api/v1/workbooks/{workbook}/revisions", lose_the_first)
    page.keyboard.type("once")
    page.keyboard.press("Enter")
    expect_saved(page, 2)
    assert lost == [201]


def test_a_refused_edit_is_taken_back(page, live_server, alice):
    """An edit that the server refuses is told about, and the cell shows what is saved."""
    start(page, live_server, alice, {"A1": "saved"})
    page.keyboard.press("F2")
    page.locator(".cell-editor").fill("x" * 32_768)
    page.keyboard.press("Enter")
    expect(page.locator(".toast.error")).to_contain_text("32,767")
    expect(cell(page, "A1")).to_have_text("saved")
    expect(page.locator("[data-part=mark]")).to_have_text("Saved")


def test_a_viewer_cannot_type(page, live_server, alice):
    """Someone who may only look is told so on the first key."""
    bob = make_user(live_server.app, "bob@example.org")
    workbook = make_grid(live_server.app, alice, {"A1": "kept"})
    add_member(live_server.app, workbook, bob, "viewer")
    sign_in(page, live_server, bob)
    open_grid(page, workbook)
    page.keyboard.type("x")
    expect(page.locator(".toast")).to_contain_text("not edit it")
    expect(cell(page, "A1")).to_have_text("kept")


def test_an_old_revision_shows_what_was(page, live_server, alice):
    """A revision's own page shows its cells, says that it is old, and takes no edit."""
    workbook = start(page, live_server, alice, {"A1": "old"})
    page.keyboard.type("new")
    page.keyboard.press("Enter")
    expect_saved(page, 2)
    open_grid(page, workbook, "/revisions/1")
    expect(cell(page, "A1")).to_have_text("old")
    page.keyboard.type("x")
    expect(page.locator(".toast")).to_contain_text("old revision")


def test_touch_selects_and_a_second_tap_edits(browser: Browser, live_server, alice):
    """On a phone a tap selects a cell and a double tap opens its editor."""
    workbook = make_grid(live_server.app, alice, {"B2": "x"})
    phone = browser.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 760}, has_touch=True, is_mobile=True
    )
    page = phone.new_page()
    sign_in(page, live_server, alice)
    open_grid(page, workbook)
    cell(page, "B2").tap()
    expect(name_box(page)).to_have_value("B2")
    expect(page.locator(".cell-editor.editing")).to_have_count(0)
    box = cell(page, "B2").bounding_box()
    for _ in range(2):
        page.touchscreen.tap(box["x"] + 5, box["y"] + 5)
    expect(page.locator(".cell-editor.editing")).to_have_value("x")
    phone.close()


def test_the_active_cell_is_told_to_assistive_technology(page, live_server, alice):
    """The focused editor names the active cell's element, and a live region says where it is."""
    start(page, live_server, alice, {"A1": 1, "B2": "told"})
    cell(page, "B2").click()
    expect(page.locator("#active-cell")).to_have_text("told")
    expect(page.locator(".cell-editor")).to_have_attribute("aria-activedescendant", "active-cell")
    expect(page.locator("[data-part=announcer]")).to_have_text("B2 told")


def test_f6_goes_round_the_page(page, live_server, alice):
    """Tab moves within the grid, so F6 leads out of it and back."""
    start(page, live_server, alice)
    page.keyboard.press("F6")
    expect(page.get_by_role("tab", selected=True)).to_be_focused()
    for _ in range(3):
        page.keyboard.press("F6")
    expect(page.locator(".cell-editor")).to_be_focused()
