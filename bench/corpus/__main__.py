"""`python -m bench.corpus [FOLDER]`: see --help."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.corpus.files import Examined, examine
from bench.workers import Bounds, Outcome, run

FOLDER = Path(__file__).parents[3] / "shared" / "corpus"
"""Where real files are kept beside a checkout; they are not part of it."""
_SUFFIXES = "xlsx xlsm xltx xltm xlam xls xlt xlsb ods csv tsv tab".split()


def main(arguments: Sequence[str]) -> int:
    """Examine the files, print what became of them; 1 where a file did not come back as it should."""
    options = _parser().parse_args(arguments)
    if not options.folder.is_dir():
        sys.exit(f"There is no folder {options.folder}: name one, as in make corpus DIR=/path/to/files")
    tally = Tally(options.folder)
    bounds = Bounds(options.seconds, options.memory * 2**20, options.processes)
    for outcome in run(examine, spreadsheets(options.folder), bounds):
        for line in tally.add(outcome):
            print(line, flush=True)
    print(tally.table())
    print(json.dumps(tally.figures()))
    return 1 if tally.failing else 0


def spreadsheets(folder: Path) -> list[Path]:
    """Every file under a folder whose name ends as a spreadsheet's does."""
    return sorted(
        path for path in folder.rglob("*") if path.suffix.lower().lstrip(".") in _SUFFIXES and path.is_file()
    )


class Tally:
    """Counts what became of files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files = self.readable = self.identical = self.whole = self.cells = self.failing = 0
        self.edits: Counter[str] = Counter()
        self.local: Counter[str] = Counter()
        self.also: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.producers: Counter[str] = Counter()
        self.containers: Counter[str] = Counter()

    def add(self, outcome: Outcome[Path, Examined]) -> Iterator[str]:
        """Count a file; gives a line for each thing that is wrong with it, and for a refusal."""
        self.files += 1
        name, found = outcome.task.relative_to(self._folder), outcome.result
        told = list(self._failures(outcome) if found is None else self._examined(found))
        self.failing += any(not line.startswith("refused") for line in told)
        yield from (f"{name}: {line}" for line in told)

    def _failures(self, outcome: Outcome[Path, Examined]) -> Iterator[str]:
        self.failures[outcome.failure] += 1
        yield f"{outcome.failure.upper()} {outcome.message}"

    def _examined(self, found: Examined) -> Iterator[str]:
        if found.refused:
            self.errors[found.refused] += 1
            yield f"refused, {found.refused}: {found.message}"
            return
        self.readable += 1
        self.cells += found.cells
        self.identical += not found.changed
        self.whole += found.whole
        if found.producer:
            self.producers[found.producer] += 1
            self.containers[found.producer] += found.whole
        if found.misreported:
            yield f"CONTAINER {'identical' if found.whole else 'repacked'}, and the report says otherwise"
        if found.changed:
            yield f"CHANGED though unedited: {', '.join(found.changed)}"
        for edit in found.edits:
            self.edits[edit.kind] += 1
            self.also.update(set(edit.also))
            if edit.wrong:
                yield f"NOT LOCAL {edit.kind} {edit.place}: {'; '.join(edit.wrong)}"
            else:
                self.local[edit.kind] += 1

    def table(self) -> str:
        """What was counted, for people."""
        rows = [
            ("files", self.files),
            ("readable", self.readable),
            ("cells in them", self.cells),
            ("unedited, every part identical", self.identical),
            ("unedited, the whole file identical", self.whole),
            *((f"refused: {reason}", n) for reason, n in sorted(self.errors.items())),
            *((f"failed: {failure}", n) for failure, n in sorted(self.failures.items())),
        ]
        lines = [
            "",
            *(f"{what:<40} {n:>12,}" for what, n in rows),
            "",
            f"{'edits':<40} {'all':>12} {'local':>12}",
        ]
        lines += [f"{kind:<40} {n:>12,} {self.local[kind]:>12,}" for kind, n in sorted(self.edits.items())]
        lines += ["", f"{'packages, by what wrote them':<40} {'all':>12} {'identical':>12}"]
        lines += [
            f"{who:<40} {n:>12,} {self.containers[who]:>12,}" for who, n in self.producers.most_common()
        ]
        lines += ["", "beside the edited row, edits had to change"]
        lines += [f"{what:<40} {n:>12,}" for what, n in sorted(self.also.items())]
        return "\n".join([*lines, ""])

    def figures(self) -> dict[str, object]:
        """What was counted, for programs."""
        return {
            "files": self.files,
            "readable": self.readable,
            "unedited_identical": self.identical,
            "containers_identical": self.containers.total(),
            "containers": {who: [n, self.containers[who]] for who, n in self.producers.most_common()},
            "edits": self.edits.total(),
            "edits_local": self.local.total(),
            "errors": dict(sorted(self.errors.items())),
            "crashes": self.failures["crash"] + self.failures["memory"],
            "timeouts": self.failures["timeout"],
        }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.corpus", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help=f"default: {FOLDER}")
    parser.add_argument("--seconds", type=float, default=120, help="time one file may take (default 120)")
    parser.add_argument("--memory", type=int, default=2048, help="MiB one file may take (default 2048)")
    parser.add_argument("--processes", type=int, default=2, help="how many at once (default 2)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
