"""A real browser on the real application.

Tests that ask for `page` are skipped, by name, where there is no Chromium.
"""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from app.extensions import limiter
from tests.databases import config_for

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS = (
    "--no-sandbox",  # it refuses to run as root with one, and visits nothing but our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MILLISECONDS = 20_000


class LiveServer(NamedTuple):
    """A served application: its address, and itself for what a test puts there before it looks."""

    url: str
    app: Flask


@pytest.fixture(scope="session")
def served(worker_database_url: str, instance: Path) -> Iterator[LiveServer]:
    """The application, with all its protection, answering in threads of this process."""
    app = create_app(config_for(worker_database_url, instance))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield LiveServer(f"http://127.0.0.1:{server.server_port}", app)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def live_server(served: LiveServer, database_url: str) -> LiveServer:
    """The served application on an empty database."""
    assert served.app.config["SQLALCHEMY_DATABASE_URI"] == database_url
    with served.app.app_context():
        limiter.reset()
    return served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*CHROMIUM_OPTIONS])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A new browser's first page, where addresses are relative to the live server.

    The test fails if a script on its pages fails, or breaks the content security policy.
    """
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="UTC"
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    failures: list[str] = []
    context.on("weberror", lambda failure: failures.append(str(failure.error)))
    context.on(
        "console",
        lambda message: failures.append(message.text) if "Content Security Policy" in message.text else None,
    )
    page = context.new_page()
    yield page
    context.close()
    assert failures == []
