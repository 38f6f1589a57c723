"""`flask fsck`: proving that everything stored is whole."""

import json
import sys
from itertools import groupby
from uuid import UUID

import click
from flask.cli import with_appcontext

from app.services import integrity
from app.services.access import NotFound
from app.services.integrity import Findings, Problem


@click.command("fsck")
@click.option("--workbook", "workbook_id", type=click.UUID, metavar="ID", help="Check this workbook alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON object.")
@with_appcontext
def command(workbook_id: UUID | None, as_json: bool) -> None:
    """Read everything stored anew and prove it; name what is damaged and the revisions it hurts.

    Changes nothing. Ends with 0 where all is well, 1 where there is damage, 2 where the command line is
    wrong.
    """
    try:
        findings = integrity.check(workbook_id)
    except NotFound:
        raise click.BadParameter(f"there is no workbook {workbook_id}", param_hint="--workbook") from None
    click.echo(json.dumps(_document(findings)) if as_json else "\n".join(_lines(findings)))
    sys.exit(1 if findings.problems else 0)


def _document(findings: Findings) -> dict[str, object]:
    return {
        "workbooks": findings.workbooks,
        "revisions": findings.revisions,
        "chunks": findings.chunks,
        "unreachable": findings.unreachable,
        "problems": [_problem(problem) for problem in findings.problems],
    }


def _problem(problem: Problem) -> dict[str, object]:
    address = {"address": problem.address.hex()} if problem.address else {}
    return {
        "workbook": str(problem.workbook_id),
        "kind": problem.kind,
        **address,
        "revisions": problem.revisions,
        "detail": problem.detail,
    }


def _lines(findings: Findings) -> list[str]:
    """What a person reads: a line a problem, and one with what was looked at."""
    lines = []
    for problem in findings.problems:
        hurt = f" (revisions {_ranges(problem.revisions)})" if problem.revisions else ""
        lines.append(f"workbook {problem.workbook_id}: {problem.kind}: {problem.detail}{hurt}")
    counts = (
        f"{findings.workbooks:,} workbooks, {findings.revisions:,} revisions, {findings.chunks:,} chunks"
        f" checked; {findings.unreachable:,} chunks are not needed"
    )
    found = f"{len(findings.problems):,} problems found" if findings.problems else "all is well"
    return [*lines, f"{counts}; {found}."]


def _ranges(numbers: list[int]) -> str:
    """Ascending numbers, runs of them by their ends: 1–4, 7."""
    runs = groupby(enumerate(numbers), key=lambda placed: placed[1] - placed[0])
    ends = ([number for _, number in run] for _, run in runs)
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in ends)
