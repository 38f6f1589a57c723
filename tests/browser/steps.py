"""What hands do on many pages."""

from typing import TypedDict

from playwright.sync_api import Page

from app.models.user import User
from tests.factories import PASSWORD


class Upload(TypedDict):
    """A file to choose, as Playwright takes it."""

    name: str
    mimeType: str
    buffer: bytes


def sign_in(page: Page, user: User) -> None:
    """Sign in by the form; the list of workbooks is then open."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workbooks")


def text_file(name: str, content: str) -> Upload:
    """A file of this text."""
    return {"name": name, "mimeType": "text/csv", "buffer": content.encode()}


def scrolls_sideways(page: Page) -> bool:
    """Whether the page as a whole is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
