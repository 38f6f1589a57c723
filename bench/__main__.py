"""`python -m bench store`, `upload` and `files`: see --help."""

import argparse
import signal
import sys
from collections.abc import Sequence

from bench import store, throughput, upload
from bench.data import WIDTH, Size
from bench.figures import Figures, Report, machine
from bench.scratch import scratch_database

_REVISIONS = 1_000
_SIZES = (
    Size(1_000, 2 * WIDTH, _REVISIONS),
    Size(100_000, WIDTH, _REVISIONS),
    Size(1_000_000, WIDTH, _REVISIONS),
)
_QUICK = Size(100_000, WIDTH, 300)
_FILES, _QUICK_FILES = 100_000, 10_000
"""Rows."""


def main(arguments: Sequence[str]) -> None:
    """Run a benchmark and print what it measured; with --json one object (of the last sheet) and no more."""
    options = _parser().parse_args(arguments)
    if options.command == "upload":
        _print(upload.measure(options.rows or _SIZES[-1].rows), options.json)
        return
    if options.command == "files":
        _print(throughput.measure(options.rows or (_QUICK_FILES if options.quick else _FILES)), options.json)
        return
    sizes = [_QUICK] if options.quick else list(_SIZES)
    if options.rows:
        sizes = [Size(options.rows, WIDTH, sizes[-1].revisions)]
    if options.revisions:
        sizes = [size._replace(revisions=options.revisions) for size in sizes]
    for size in sizes:
        with scratch_database() as scratch:
            report = store.measure(scratch, size)
        if not options.json or size is sizes[-1]:
            _print(report, options.json)


def _print(report: Report[Figures], as_json: bool) -> None:
    print(report.json() if as_json else f"{machine()}\n\n{report.text()}\n", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description="Measures the store, and the product.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, explained in (
        ("store", "Sheets of 1,000, 100,000 and 1,000,000 rows through 1,000 revisions, in this process."),
        ("upload", "An upload of 1,000,000 rows and edits of it, through a server of its own."),
        ("files", "xlsx and CSV files of 100,000 rows in and out, beside pandas, openpyxl and calamine."),
    ):
        command = commands.add_parser(name, help=explained, description=explained)
        command.add_argument("--json", action="store_true", help="print one object: the last sheet's figures")
        command.add_argument("--rows", type=_positive, help="one sheet of so many rows by 10 columns instead")
        if name == "files":
            command.add_argument("--quick", action="store_true", help="10,000 rows")
        if name == "store":
            command.add_argument("--quick", action="store_true", help="100,000 rows, 300 revisions")
            command.add_argument("--revisions", type=_positive, help="how many revisions to make")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 2:
        raise argparse.ArgumentTypeError("must be 2 or more")
    return number


if __name__ == "__main__":
    # Ended by another program, it still stops its servers and removes its folders.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(sys.argv[1:])
