"""`python -m bench.fuzz [COUNT]`: see --help."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.fuzz.mutations import case
from bench.fuzz.trial import trial
from bench.workers import Bounds, run


def main(arguments: Sequence[str]) -> int:
    """Try the files, print those that did harm and one JSON object; 1 where there are any."""
    options = _parser().parse_args(arguments)
    bounds = Bounds(options.seconds, options.memory * 2**20, options.processes)
    found: Counter[str] = Counter()
    for outcome in run(trial, range(options.first, options.first + options.count), bounds):
        found[outcome.failure or outcome.result or "read"] += 1
        if outcome.failure:
            made = case(outcome.task)
            print(f"{outcome.task} ({made.how}): {outcome.failure}, {outcome.message}", flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{outcome.task}-{made.name}").write_bytes(made.file)
    failures = {kind: found.pop(kind, 0) for kind in ("crash", "timeout", "memory")}
    print(
        json.dumps(
            {
                "files": options.count,
                "read": found.pop("read", 0),
                "refused": dict(sorted(found.items())),
                **failures,
            }
        )
    )
    return 1 if any(failures.values()) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.fuzz", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=20_000, help="how many files (default 20,000)")
    parser.add_argument("--first", type=int, default=0, help="the first one's number (default 0)")
    parser.add_argument("--seconds", type=float, default=10, help="time one file may take (default 10)")
    parser.add_argument("--memory", type=int, default=256, help="MiB one file may take (default 256)")
    parser.add_argument("--processes", type=int, default=2, help="how many at once (default 2)")
    parser.add_argument("--keep", type=Path, help="a folder for the files that did harm")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
