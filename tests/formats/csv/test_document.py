"""CSV files come back as they were, and where they were edited only there differently."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.formats.csv import rows as csv_rows
from app.formats.csv.dialect import decode_frame
from app.formats.csv.document import read, write_sheet
from app.formats.guard import Limits, UnreadableFile
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, MAX_TEXT
from app.sheet.cell import Cell, ErrorValue, LexicalNumber, RichText, Value, plain_text
from app.sheet.document import Document, SheetSource
from app.sheet.references import relative
from app.sheet.row import EMPTY_ROW, Row, row_of
from bench.corpus.files import examine
from tests import corpus

FILES = corpus.files(".csv", ".tsv")
LIMITS = Limits()


class Trickle(io.BytesIO):
    """A file that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._size if size is None or size < 0 else min(size, self._size))


def document(data: bytes, name: str = "table.csv", limits: Limits = LIMITS) -> Document:
    return read(io.BytesIO(data), name, limits)


def rows(data: bytes, name: str = "table.csv") -> dict[int, Row]:
    return dict(document(data, name).sheets[0].rows())


def values(data: bytes, name: str = "table.csv") -> dict[int, dict[int, Value]]:
    return {index: {at: cell.value for at, cell in row.cells()} for index, row in rows(data, name).items()}


def written(sheet: SheetSource) -> bytes:
    out = io.BytesIO()
    write_sheet(sheet, out)
    return out.getvalue()


def edited(data: bytes, cells: Mapping[tuple[int, int], Cell], name: str = "table.csv") -> bytes:
    """The file's bytes after the cells at (row, column) are set."""
    sheet = document(data, name).sheets[0]
    changed = dict(sheet.rows())
    for (row, column), cell in cells.items():
        changed[row] = changed.get(row, EMPTY_ROW).with_cells({column: cell})
    return written(SheetSource(sheet.name, sheet.frame, lambda: iter(sorted(changed.items())), edited=True))


def refusal(data: bytes, limits: Limits = LIMITS, name: str = "table.csv") -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        for _ in document(data, name, limits).sheets[0].rows():
            pass
    return caught.value


PIECES = (', , ; | " " "" a b 1 1.50 -0 TRUE é sep=; \x0b \x85 \u2028').split(" ")
pieces = st.sampled_from([*PIECES, "\t", " ", "\n", "\n", "\r\n", "\r"])
rough = st.lists(pieces, min_size=1, max_size=60).map("".join)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])


@example('";",""\n\n', "utf-8")
@given(rough, encodings)
def test_any_text_comes_back(text: str, encoding: str) -> None:
    """Whatever the text, its line ends, quotation marks and blank lines: the bytes come back."""
    data = text.encode(encoding)
    try:
        sheet = document(data).sheets[0]
    except UnreadableFile:
        assert encoding.startswith("utf-16-") or encoding == "utf-32"  # too little text to tell UTF-16 by
        return
    assert written(sheet) == data


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_come_back_or_are_refused(data: bytes) -> None:
    """Bytes that are no text are refused, all others come back."""
    try:
        sheet = document(data).sheets[0]
    except UnreadableFile:
        return
    assert written(sheet) == data


@given(rough, st.integers(1, 40))
def test_where_the_pieces_are_cut_does_not_matter(text: str, size: int) -> None:
    """A text read a few characters at a time gives the rows that it gives read at once."""
    data = text.encode()
    sheet = document(data).sheets[0]
    dialect = decode_frame(sheet.frame)
    assert dialect is not None
    assert list(csv_rows.rows(Trickle(data, size), dialect, LIMITS)) == list(sheet.rows())


@given(rough)
@example("1,2\n3,\n,x\n")
@example("1.50;2\r\n1.25;\r\n0.1;-0\r\n")
def test_rows_are_the_same_read_one_by_one_or_by_column(text: str) -> None:
    """How many rows there are at once changes nothing in what is read, nor in what is written."""
    found, came_back = [], []
    for few in (0, 10**6):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv_rows, "_FEW_ROWS", few)
            try:
                held = rows(text.encode())
                came_back.append(written(document(text.encode()).sheets[0]))
            except UnreadableFile as error:
                found.append(str(error))
                continue
            texts = [[(type(value), plain_text(value)) for value in row.values] for row in held.values()]
            found.append((held, texts))
    assert found[0] == found[1]
    assert came_back in ([], [text.encode()] * 2)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_files_go_through_unharmed(path: Path) -> None:
    """Every CSV and TSV of the corpus comes back byte for byte; edited, only that field differs."""
    found = examine(path)
    assert (found.refused, found.changed) == ("", ())
    assert [edit for edit in found.edits if edit.wrong] == []


def test_the_corpus_is_there() -> None:
    """The tests above ran on real files."""
    if not corpus.FOLDER.exists():
        pytest.skip(f"{corpus.FOLDER} is not there")
    assert FILES


def test_values() -> None:
    """Plain numbers and booleans are recognised; whatever would lose its text stays text."""
    line = b"12,-0.5,1.50,007,+1,1 000,2024-01-31,TRUE,true,1234567890123456,2E8,1e-05,,x\n"
    assert values(line)[0] == {
        0: 12,
        1: -0.5,
        2: 1.5,
        3: "007",
        4: "+1",
        5: "1 000",
        6: "2024-01-31",
        7: True,
        8: "true",
        9: "1234567890123456",
        10: "2E8",
        11: 1e-05,
        13: "x",
    }
    assert isinstance(rows(line)[0].cell(2).value, LexicalNumber)
    assert isinstance(rows(line)[0].cell(0).value, int)


@pytest.mark.parametrize(
    ("data", "report"),
    [
        (
            b"a,b\n1,2\n",
            {"delimiter": ",", "line_ends": "LF", "encoding": "utf-8", "bom": False, "columns": 2},
        ),
        (b"a;b\r\n1,5;2\r\n", {"delimiter": ";", "line_ends": "CRLF", "lines": 2}),
        (b"a\tb,c\r1\t2\r", {"delimiter": "\t", "line_ends": "CR"}),
        (b"a|b\n1|2", {"delimiter": "|", "lines": 2}),
        (b"sep=;\na,x;b,x\n", {"delimiter": ";"}),
        (b"one column\nof text\n", {"delimiter": ",", "columns": 1}),
        (b"\xef\xbb\xbfa,b\n", {"encoding": "utf-8", "bom": True}),
        ("a,ä\nb,ö\n".encode("utf-16"), {"encoding": "utf-16-le", "bom": True}),
        ("a,b\nc,d\n".encode("utf-16-be"), {"encoding": "utf-16-be", "bom": False}),
        ("a,ä\n".encode("cp1252"), {"encoding": "cp1252"}),
        (b'"a","1"\n"b","2"\n', {"quoting": "all"}),
        (b'"a",1\n"b",2\n', {"quoting": "text"}),
        (b'a,1\n"b,c",2\n', {"quoting": "minimal"}),
    ],
)
def test_what_is_detected(data: bytes, report: dict[str, object]) -> None:
    """Encoding, delimiter, quoting and line ends are found and reported."""
    found = document(data).report
    assert {key: found[key] for key in report} == report


def test_tabs_by_name() -> None:
    """Where the text does not tell, .tsv means tabs."""
    assert document(b"a\n", "x.tsv").report["delimiter"] == "\t"


def test_sheet_name() -> None:
    """The sheet is named after the file, in characters a sheet's name may have."""
    assert document(b"a", "C:\\data\\sales [2024].csv").sheets[0].name == "sales 2024"
    assert document(b"a", ".csv").sheets[0].name == ".csv"
    assert document(b"a", "???.csv").sheets[0].name == "Sheet1"


def test_empty_fields_are_no_cells() -> None:
    """Rows of nothing but empty fields are left out, and come back nevertheless."""
    data = b"a,b\n,\n\n1,2\n,\n"
    assert values(data) == {0: {0: "a", 1: "b"}, 2: {}, 3: {0: 1, 1: 2}, 4: {}}
    assert written(document(data).sheets[0]) == data


def test_rows_may_be_read_twice_at_once() -> None:
    """Two iterations over one file do not disturb each other."""
    data = b"".join(b"%d,x\n" % number for number in range(30_000))
    sheet = document(data).sheets[0]
    assert all(one == other for one, other in zip(sheet.rows(), sheet.rows(), strict=True))


def test_edits_are_written_in_the_files_own_dialect() -> None:
    """An edited field is quoted as its file quotes; the others keep their own source."""
    data = b'"a";"1";x\r\n"b";"2";"y"\r\n'
    cells = {(1, 0): Cell("c;d"), (1, 1): Cell(3), (3, 2): Cell("new")}
    assert edited(data, cells) == b'"a";"1";x\r\n"c;d";"3";"y"\r\n"";"";""\r\n"";"";"new"\r\n'


def test_an_edit_outdates_a_fields_source() -> None:
    """A cell that still carries its file's source, but another value, is written with its value."""
    assert edited(b'"1.50",a\n', {(0, 0): Cell(2, extra='"1.50"')}) == b"2,a\n"


def test_rows_after_the_end() -> None:
    """Rows after a last line without an end give it one; an unclosed quotation mark is closed."""
    assert edited(b'a,"b', {(1, 0): Cell("c")}) == b"a,b\nc,\n"


def test_wider_rows() -> None:
    """A cell to the right of its row makes that row wider and no other."""
    assert edited(b"a,b\nc,d\n", {(1, 3): Cell("x")}) == b"a,b\nc,d,,x\n"


def test_characters_the_encoding_lacks() -> None:
    """The whole file turns UTF-8 with a mark, so that nothing typed is lost."""
    data = "ä,b\n".encode("cp1252")
    assert edited(data, {(0, 1): Cell("ü")}) == "ä,ü\n".encode("cp1252")
    assert edited(data, {(0, 1): Cell("→")}) == b"\xef\xbb\xbf" + "ä,→\n".encode()


def test_other_sheets() -> None:
    """A sheet of another format is written as UTF-8 with commas and CRLF; formulas give their results."""
    cells = {
        0: row_of({0: Cell("a,b"), 1: Cell('say "x"'), 2: Cell(True)}),
        2: row_of({1: Cell(formula="R[0]C[-1]", computed=1.5), 3: Cell(ErrorValue("#N/A"), style=3)}),
        3: row_of({0: Cell(RichText("ä", "<r/>")), 1: Cell(None, style=1), 2: Cell(""), 3: Cell(2.0)}),
    }
    sheet = SheetSource("s", b"frame of another format", lambda: iter(cells.items()))
    assert written(sheet) == '"a,b","say ""x""",TRUE,\r\n,,,\r\n,1.5,,#N/A\r\nä,,"",2\r\n'.encode()


def test_formulas_that_nothing_has_computed() -> None:
    """A file has no formulas, so it holds the text of one, which comes back as text."""
    formulas = {(0, 1): "A1+1", (3, 0): "SUM(A1,A2)"}
    cells = {at: Cell(formula=relative(formula, *at)) for at, formula in formulas.items()}
    made = edited(b"1,2\n3,4\n", cells)
    assert made == b'1,=A1+1\n3,4\n,\n"=SUM(A1,A2)",\n'
    assert values(made)[0] == {0: 1, 1: "=A1+1"}


def test_sheet_without_rows() -> None:
    """An empty sheet is an empty file."""
    assert written(SheetSource("s", b"", lambda: iter(()))) == b""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-a-spreadsheet"),
        (b"a,b\0\n" * 10, "not-a-spreadsheet"),
        (bytes(range(1, 256)) * 10, "not-a-spreadsheet"),
    ],
)
def test_other_files(data: bytes, reason: str) -> None:
    """Files that are no text are refused with the reason."""
    assert refusal(data).reason == reason


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        (b"," * MAX_COLUMNS + b"\n", MAX_COLUMNS),
        (b"\n" * (MAX_ROWS + 1), MAX_ROWS),
        (b"a,b\n1,2\n", 3),
        (b"x" * 2_000, 1_000),
    ],
)
def test_too_large(data: bytes, limit: int) -> None:
    """Too many columns, rows, cells or bytes are refused, and the limit is named."""
    refused = refusal(data, Limits(cells=3, upload_bytes=1_000 if limit == 1_000 else 10**8))
    assert refused.reason == "too-large"
    assert f"{limit:,}" in str(refused)


def test_too_long_a_text() -> None:
    """A field longer than a cell holds is refused, and its place is named."""
    text = b"x" * (MAX_TEXT + 1)
    refused = refusal(b"a,b\n1," + text + b"\n")
    assert "B2" in str(refused)
    assert f"{MAX_TEXT:,}" in str(refused)
    assert len(rows(b"a," + text[1:])) == 1
    assert "A1" in str(refusal("😀".encode() * (MAX_TEXT // 2 + 1)))


def test_a_quotation_mark_never_closed() -> None:
    """It swallows what follows; past the limits it is refused, and named as the likely cause."""
    refused = refusal(b'a,"b\n' + b"1,2\n" * 100_000)
    assert refused.reason == "too-large"
    assert "quotation mark" in str(refused)
