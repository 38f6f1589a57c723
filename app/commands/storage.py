"""`flask storage`: what workbooks take, and what of it is what."""

import json

import click
from flask.cli import with_appcontext

from app.services import contents
from app.services.contents import Contents


@click.command("storage")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def command(as_json: bool) -> None:
    """Tell the bytes of every workbook by kind of chunk and by revision, and how long patch chains are.

    Bytes are those of table rows, without indexes and free space.
    """
    found = contents.all_contents()
    if as_json:
        click.echo(json.dumps({"workbooks": [_document(one) for one in found]}))
    else:
        for one in found:
            click.echo("\n".join(_lines(one)))


def _document(one: Contents) -> dict[str, object]:
    return {
        "workbook": str(one.workbook_id),
        "name": one.name,
        "trashed": one.trashed,
        "revisions": one.revisions,
        "bytes": one.total_bytes,
        "bytes_per_revision": round(one.bytes_per_revision, 1),
        "history_bytes": one.history_bytes,
        "chunks": one.chunks,
        "kinds": {
            kind: {"chunks": share.chunks, "bytes": share.bytes} for kind, share in sorted(one.kinds.items())
        },
        "depths": {str(depth): count for depth, count in one.depths.items()},
        "depth_max": max(one.depths, default=0),
        "depth_mean": round(one.mean_depth, 2),
    }


def _lines(one: Contents) -> list[str]:
    """What a person reads of one workbook: a line with all of it, and one a kind, the largest first."""
    trash = ", in the trash" if one.trashed else ""
    kinds = sorted(one.kinds.items(), key=lambda kind: -kind[1].bytes)
    return [
        f"{one.name} ({one.workbook_id}{trash})",
        f"  {one.total_bytes:,} bytes in {one.revisions:,} revisions, {one.bytes_per_revision:,.0f} each",
        f"  {'history':<10} {one.history_bytes:>15,} bytes",
        *(f"  {kind:<10} {share.bytes:>15,} bytes in {share.chunks:,} chunks" for kind, share in kinds),
        f"  patches on one another: {one.mean_depth:.1f} on average, {max(one.depths, default=0)} at most",
    ]
