"""`flask gc`: removing what no revision needs."""

import sys

import click
from flask.cli import with_appcontext

from app.services import garbage


@click.command("gc")
@click.option("--dry-run", is_flag=True, help="Only tell what would be removed.")
@with_appcontext
def command(dry_run: bool) -> None:
    """Remove stored chunks that no revision needs, also while people work.

    A workbook so damaged that what it needs cannot be told is left alone, and the command ends with 1.
    """
    collected = garbage.collect(dry_run=dry_run)
    what = "Would remove" if dry_run else "Removed"
    click.echo(f"{what} {collected.chunks:,} chunks, {collected.bytes:,} bytes.")
    for workbook_id in collected.damaged:
        click.echo(
            f"Left workbook {workbook_id} alone: it is damaged. Run: flask fsck --workbook {workbook_id}",
            err=True,
        )
    sys.exit(1 if collected.damaged else 0)
