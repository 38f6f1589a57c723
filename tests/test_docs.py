"""What the README and docs/ say can be done, done."""

import json
import re
from pathlib import Path

import pytest

from app.services.access import ROUTES
from tests.factories import make_grid, make_user, sign_in

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
API = (ROOT / "docs" / "api.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    """Every link of a document to a file of the repository finds it."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_command_of_the_readme_is_there(app):
    """`flask …` commands answer to --help."""
    named = set(re.findall(r"`flask ((?:user |db )?[a-z-]+)", README))
    assert {"user create", "demo", "db upgrade"} <= named
    for command in named:
        assert app.test_cli_runner().invoke(args=[*command.split(), "--help"]).exit_code == 0, command


def test_every_setting_of_the_readme_is_read():
    """The configuration table names settings that have an effect, and all of them."""
    table = README.partition("## Configuration")[2].partition("## More")[0]
    told = set(re.findall(r"`([A-Z_]{4,})`", table))
    sources = (ROOT / name for name in ("config.py", "gunicorn.conf.py", "app/embedded/binaries.py"))
    read = "".join(source.read_text() for source in sources)
    assert {name for name in told if name not in read} == set()


def test_every_setting_is_listed():
    """The README's table has all settings, and .env all but those that may hold a secret."""
    table = README.partition("## Configuration")[2].partition("## More")[0]
    told = set(re.findall(r"`([A-Z_]{4,})`", table))
    listed = set(re.findall(r"(?m)^(?:# )?([A-Z_]+)=", (ROOT / ".env").read_text()))
    read = set(re.findall(r'given(?:\.get\(|, |\[)"([A-Z_]{4,})"', (ROOT / "config.py").read_text()))
    assert read <= told
    assert listed == told - {"DATABASE_URL", "SECRET_KEY"} | {"FLASK_APP"}


def test_the_example_of_an_edit_works(app, client):
    """The body in docs/api.md is accepted as it stands but for its base."""
    alice = make_user(app)
    workbook_id = make_grid(app, alice, {"A1": 2, "E5": "old"})
    sign_in(app, client, alice)
    body = json.loads(re.search(r"```json\n(.*?)```", API, re.S)[1])
    answer = client.post(f"/api/v1/workbooks/{workbook_id}/revisions", json={**body, "base": 1})
    assert answer.status_code == 201
    assert set(answer.json) == set(re.findall(r"\w+", re.search(r"`\{(number.*?)\}`", API)[1])) - {
        "sheet",
        "i",
    }


def test_every_route_of_the_api_is_documented(app):
    """The table in docs/api.md names each route and method, and no others."""
    told = {
        (method, re.sub(r"\{\w+\}", "{}", path))
        for method, path in re.findall(r"\| `(GET|POST|PATCH) ([^?`\[ ]+)", API)
    }
    there = {
        (method, re.sub(r"<[^>]+>|(?<=/revisions/)head", "{}", rule.rule.removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert told == there
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ROUTES)
