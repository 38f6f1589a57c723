"""Other programs open what we write after edits, and read what was entered."""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from app.formats.guard import UnreadableFile
from bench.corpus.edits import Edit, edits
from bench.corpus.files import exported, imported
from bench.fuzz import bases
from tests import corpus

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
WORKBOOKS = corpus.sample(
    corpus.files(".xlsx", ".xlsm"), 60, "sample.strict.xlsx", "DynamicArrays.xlsx", "59746_NoRowNums.xlsx"
)
SHOWN = {True: ("TRUE", "1"), "=SUM(1,2)*3": ("9",), None: ("",)}
"""What LibreOffice may show for what is entered, where that is not its text: 1 by a number's format."""


@pytest.mark.skipif(SOFFICE is None, reason="there is no LibreOffice (libreoffice-calc-nogui)")
def test_libreoffice_reads_what_was_entered(tmp_path: Path) -> None:
    """Edited exports of files of our own and of the corpus open, and show the new values."""
    wanted = dict(_edited(tmp_path / "in"))
    _converted(tmp_path / "in", tmp_path / "out", tmp_path / "profile")
    others = {
        name: (found, edit.content)
        for name, edit in wanted.items()
        if (found := _shown(tmp_path / "out", name, edit))
        not in SHOWN.get(edit.content, (str(edit.content),))
    }
    assert others == {}


def _edited(folder: Path) -> list[tuple[str, Edit]]:
    """Writes a file for each edit of the first sheet; gives the files' names with the edits."""
    folder.mkdir()
    files = [(f"own-{n}.xlsx", bases.packed(members)) for n, members in enumerate(bases.packages())]
    files += [(path.name, path.read_bytes()) for path in WORKBOOKS]
    written: list[tuple[str, Edit]] = []
    for name, file in files:
        try:
            state, _ = imported(file, name)
        except UnreadableFile:
            continue
        for edit in edits(state, name):
            if edit.sheet != state.sheets[0].id or edit.row >= 1000:
                continue
            made = f"{len(written)}-{name}"
            (folder / made).write_bytes(exported(edit.applied(state)))
            written.append((made, edit))
    return written


def _converted(source: Path, target: Path, profile: Path) -> None:
    """Has LibreOffice open every file, and write its first sheet as text, numbers in full."""
    assert SOFFICE
    # Commas, quotation marks, UTF-8, from row 1, in English, values as they are, of the first sheet.
    plain = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false,false,false,false,0"
    subprocess.run(
        [
            SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", plain,
            "--outdir", str(target), *map(str, sorted(source.iterdir())),
        ],
        check=True, capture_output=True, timeout=600,
    )  # fmt: skip


def _shown(folder: Path, name: str, edit: Edit) -> str | None:
    """What LibreOffice has in the edited cell; None where it wrote no such sheet."""
    written = folder / f"{Path(name).stem}.csv"
    if not written.exists():
        return None
    with written.open(newline="") as file:
        rows = list(csv.reader(file))
    row = rows[edit.row] if edit.row < len(rows) else []
    return row[edit.column] if edit.column < len(row) else ""
