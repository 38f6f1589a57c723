"""The `flask` commands of Cellar, each in its module of `app.commands`."""

from flask import Flask

from app.commands import demo, fsck, gc, storage, user


def init_app(app: Flask) -> None:
    """Register the commands with the application."""
    app.cli.add_command(user.group)
    app.cli.add_command(demo.command)
    app.cli.add_command(fsck.command)
    app.cli.add_command(storage.command)
    app.cli.add_command(gc.command)
