"""Administration, worked as a hand would."""

import pytest
from playwright.sync_api import Page, expect

from app.models.user import User
from tests.browser.conftest import LiveServer
from tests.browser.steps import scrolls_sideways, sign_in
from tests.factories import make_grid, make_user


@pytest.fixture
def root(live_server: LiveServer) -> User:
    """An administrator."""
    return make_user(live_server.app, "root@example.org", "Root", admin=True)


@pytest.fixture
def alice(live_server: LiveServer) -> User:
    """An ordinary user."""
    return make_user(live_server.app, name="Alice")


def _act(page: Page, name: str, action: str) -> None:
    """Choose from the menu of a user."""
    page.get_by_label(f"Actions for {name}", exact=True).click()
    page.locator(".menu[open]").get_by_text(action).click()


def test_from_the_history_to_a_revision(page: Page, live_server: LiveServer, root: User, alice: User) -> None:
    """The history of all users is filtered by a person and leads to one revision, which can be read."""
    make_grid(live_server.app, alice, {"A1": 1}, name="Budget")
    make_grid(live_server.app, root, {"A1": 1}, name="Plan")
    sign_in(page, root)
    page.get_by_role("link", name="Administration").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("User", exact=True).fill("alice")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Revision 1 of Budget").click()
    expect(page.get_by_role("heading", name="Revision 1")).to_be_visible()


def test_csv_follows_the_filters(page: Page, live_server: LiveServer, root: User, alice: User) -> None:
    """What is downloaded is what the filters leave."""
    make_grid(live_server.app, alice, name="Budget")
    make_grid(live_server.app, root, name="Plan")
    sign_in(page, root)
    page.goto("/admin/revisions?workbook=plan")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert (len(lines), "Plan" in lines[1]) == (2, True)


def test_users(page: Page, root: User, alice: User) -> None:
    """An account is disabled and enabled, made administrator and ordinary again; the last one stays."""
    sign_in(page, root)
    page.goto("/admin/users")
    state = page.locator("tr", has_text="alice@example.org").locator("td").nth(1)
    for action, shown in (
        ("Disable account", "Disabled"),
        ("Enable account", "Active"),
        ("Make administrator", "Administrator"),
        ("Withdraw administration", "Active"),
    ):
        _act(page, alice.name, action)
        expect(state).to_have_text(shown)
    _act(page, root.name, "Withdraw administration")
    expect(page.get_by_role("alert")).to_contain_text("The only administrator left")


def test_storage(page: Page, live_server: LiveServer, root: User, alice: User) -> None:
    """Storage is told for each workbook and owner."""
    make_grid(live_server.app, alice, {"A1": 1}, name="Budget")
    sign_in(page, root)
    page.goto("/admin/storage")
    expect(page.get_by_role("region", name="By user").locator("tbody tr")).to_contain_text(["Alice"])
    expect(page.get_by_role("region", name="By workbook").locator("tbody tr")).to_contain_text(["Budget"])


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_fits_the_window(page: Page, live_server: LiveServer, root: User, alice: User, width: int) -> None:
    """The pages fit windows from small phones on; wide tables scroll by themselves."""
    make_grid(live_server.app, alice, {"A1": 1}, name="Rainfall by station " + "x" * 120)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, root)
    for path in ("revisions", "users", "storage"):
        page.goto(f"/admin/{path}")
        assert not scrolls_sideways(page), path
