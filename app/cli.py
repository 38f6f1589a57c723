"""The `flask` commands of Cellar, each in its module of `app.commands`."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the commands with the application."""
