"""`flask demo`: an account to look around in."""

import secrets
import sys
from datetime import UTC, datetime

import click

from app.services import accounts, demo


@click.command("demo")
@click.option("--password", help="The password of the demo accounts; by default one is made up and shown.")
def command(password: str | None) -> None:
    """Make a demo account with a workbook that has a real history."""
    password = password or secrets.token_urlsafe(12)
    try:
        made = demo.make(password, now=datetime.now(UTC))
    except accounts.EmailTaken:
        again = f"flask user set-password {demo.OWNER}"
        click.echo(f"The demo is there already. Give it another password with: {again}", err=True)
        sys.exit(1)
    except accounts.WeakPassword as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"Made a workbook with {made.revisions} revisions.")
    click.echo(f"Sign in as {demo.OWNER} (or {demo.COLLEAGUE}) with the password {password}")
