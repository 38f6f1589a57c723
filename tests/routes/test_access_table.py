"""Claims about the table of who may call which route."""

import uuid

from flask import Flask
from flask.testing import FlaskClient

from app.services.access import ROUTES, Who

_ABOUT_A_WORKBOOK = {Who.READER, Who.EDITOR, Who.OWNER}
_PUBLIC = {"static", "health.check", "auth.register", "auth.sign_in"}


def test_every_route_is_in_the_table(app: Flask) -> None:
    """Somebody decided about every route, and about no route that is gone."""
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ROUTES)


def test_public_routes() -> None:
    """Only these answer whoever is not signed in; adding one is a decision to make here as well."""
    assert {endpoint for endpoint, who in ROUTES.items() if who is Who.ANYONE} == _PUBLIC


def test_routes_about_a_workbook_name_it(app: Flask) -> None:
    """A route asks for a role on a workbook exactly where its address names one, as a UUID."""
    for rule in app.url_map.iter_rules():
        named = rule.arguments >= {"workbook_id"}
        assert named == (ROUTES[rule.endpoint] in _ABOUT_A_WORKBOOK), rule.endpoint
        assert not named or "<uuid:workbook_id>" in rule.rule, rule.rule


def test_pages_of_administrators() -> None:
    """The pages under Administration are for administrators."""
    for endpoint, who in ROUTES.items():
        assert endpoint.startswith("admin.") == (who is Who.ADMINISTRATOR), endpoint


def test_doors_are_closed(app: Flask, client: FlaskClient) -> None:
    """Whoever is not signed in gets no further than the sign-in page, on every other route and method."""
    addresses = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint in _PUBLIC:
            continue
        values = {name: uuid.uuid4() if name.endswith("_id") else 1 for name in rule.arguments}
        path = addresses.build(rule.endpoint, values)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            response = client.open(path, method=method)
            refused = response.status_code == 401 or (
                response.status_code == 302 and response.location.startswith("/sign-in")
            )
            assert refused, (method, path, response.status_code)
