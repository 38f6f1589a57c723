"""Links and notes of a file in the grid: seen, opened, and told to those who hear the page."""

import re

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.hyperlink import Hyperlink
from playwright.sync_api import Page, Route, expect

from app.models.user import User
from tests.browser.conftest import LiveServer
from tests.browser.test_grid import go_to, open_grid, sign_in, upload
from tests.factories import make_user


def link(workbook: Workbook, cell: str, target: str | None = None, location: str | None = None) -> None:
    """Put a link on a cell of the first sheet."""
    place = workbook.active[cell]
    place.value = f"Link in {cell}"
    tip = None if target else "To the notes"
    place.hyperlink = Hyperlink(ref=cell, target=target, location=location, tooltip=tip)


@pytest.fixture
def alice(live_server: LiveServer) -> User:
    """A user."""
    return make_user(live_server.app)


@pytest.fixture
def grid(page: Page, live_server: LiveServer, alice: User) -> Page:
    """A workbook with links and notes, open in the grid. No request leaves the machine."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "First"
    sheet.sheet_properties.tabColor = "C00000"
    sheet["A1"] = "plain"
    sheet["B4"] = 12.5
    sheet["B4"].comment = Comment("Checked with the bank.\nTwice.", "Ann")
    sheet["C8"].comment = Comment("On an empty cell", "Bo")
    sheet.merge_cells("E5:F6")
    sheet["E5"].comment = Comment("On a merge", "Bo")
    link(workbook, "B2", "https://example.org/?a=1")
    link(workbook, "B3", location="Second!C3")
    link(workbook, "B6", "javascript:alert(1)")
    link(workbook, "B7", "mailto:ann@example.org")
    workbook.create_sheet("Second")["C3"] = "here"
    page.context.route("https://example.org/**", lambda route: answer(route))
    sign_in(page, live_server, alice)
    open_grid(page, upload(page, workbook))
    expect(cell(page, "plain")).to_be_visible()
    return page


def answer(route: Route) -> None:
    """A page of another site, which says whether it may reach back."""
    route.fulfill(body="<title>there</title>", content_type="text/html")


def cell(page: Page, text: str):
    """The cell that shows a text."""
    return page.locator(".cell:visible", has_text=text)


def test_a_link_is_opened_in_a_page_of_its_own(grid: Page) -> None:
    """Ctrl+click and Alt+Enter open it, in a page that cannot reach back; a plain click selects."""
    target = cell(grid, "Link in B2")
    assert target.evaluate("cell => getComputedStyle(cell).textDecorationLine") == "underline"
    target.click()
    assert len(grid.context.pages) == 1
    for act in (lambda: target.click(modifiers=["Control"]), lambda: grid.keyboard.press("Alt+Enter")):
        with grid.context.expect_page() as opened:
            act()
        opened.value.wait_for_load_state()
        assert opened.value.url == "https://example.org/?a=1"
        assert opened.value.evaluate("[window.opener, document.referrer]") == [None, ""]
        opened.value.close()
    expect(grid.locator(".cell-editor")).to_be_focused()


def test_a_link_into_the_workbook(grid: Page) -> None:
    """It leads to its place, on another sheet too, from the card as from the cell."""
    cell(grid, "Link in B3").click()
    grid.locator(".note-card").get_by_text("To the notes").click()
    expect(grid.get_by_role("tab", selected=True)).to_have_text("Second")
    expect(grid.get_by_label("Cell or range to go to")).to_have_value("C3")


def test_a_link_that_is_not_opened(grid: Page) -> None:
    """A link of another kind is shown, and is nothing to click on."""
    go_to(grid, "B6")
    card = grid.locator(".note-card")
    expect(card).to_contain_text("javascript:alert(1)")
    expect(card.locator("a")).to_have_count(0)
    grid.keyboard.press("Alt+Enter")
    expect(grid.get_by_text("This link leads to javascript:alert(1)")).to_be_visible()
    assert len(grid.context.pages) == 1


def test_notes(grid: Page) -> None:
    """A note has a mark, and a card where its cell is pointed at or selected, but not while it is edited."""
    card = grid.locator(".note-card")
    expect(card).to_be_hidden()
    noted = cell(grid, "12.5")
    noted.hover()
    expect(card).to_contain_text("Ann")
    expect(card).to_contain_text("Checked with the bank.")
    cell(grid, "plain").hover()
    expect(card).to_be_hidden()
    for place, text in {"C8": "On an empty cell", "F6": "On a merge", "B4": "Twice."}.items():
        go_to(grid, place)
        expect(card).to_contain_text(text)
    grid.keyboard.press("F2")
    expect(card).to_be_hidden()
    grid.keyboard.press("Escape")
    expect(card).to_be_visible()
    expect(grid.locator(".cell.noted:visible")).to_have_count(3)


def test_notes_and_links_in_words(grid: Page) -> None:
    """Screen readers get them as the cell's description, and hear them as the cell is reached."""
    go_to(grid, "B4")
    active = grid.locator("#active-cell")
    expect(active).to_have_attribute("aria-description", "Note by Ann: Checked with the bank.\nTwice.")
    expect(grid.locator("[data-part=announcer]")).to_contain_text("Note by Ann")
    go_to(grid, "B2")
    expect(active).to_have_attribute("aria-description", "Link to https://example.org/?a=1")
    go_to(grid, "A1")
    expect(active).not_to_have_attribute("aria-description", re.compile(".*"))


def test_the_color_of_a_tab(grid: Page) -> None:
    """A tab shows the colour its file gives it."""
    shadows = [
        tab.evaluate("tab => getComputedStyle(tab).boxShadow") for tab in grid.get_by_role("tab").all()
    ]
    assert ["rgb(192, 0, 0)" in shadow for shadow in shadows] == [True, False]
