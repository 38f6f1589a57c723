"""Windows: what the grid gets of a sheet is what display and entry texts say of each of its cells."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment

from app.formats.guard import Limits
from app.formats.look import Look
from app.formats.xlsx.reader import read
from app.services.sheet_changes import applied
from app.services.windows import View, tab_colors
from app.sheet.cell import Cell, ErrorValue, LexicalNumber, RichText
from app.sheet.document import Document, SheetSource
from app.sheet.number_format import display
from app.sheet.operations import AddSheet, DeleteSheet, MoveSheet
from app.sheet.row import row_of
from app.store.memory import MemoryChunks
from app.store.state import State
from tests import strategies

CODES = ["General", "#,##0.00;[Red]-#,##0.00", "yyyy-mm-dd", "@"]
STYLED = st.builds(
    Cell,
    value=strategies.values
    | strategies.money
    | st.sampled_from([0, 0.0, -0.0, 1, True, 45_000, "1", "TRUE"]),
    style=st.integers(0, len(CODES)),
)
CELLS = STYLED | strategies.formulas
ROWS = st.lists(
    st.builds(
        row_of, st.dictionaries(st.integers(0, 5), CELLS, max_size=6), st.sampled_from(["", ' ht="20"'])
    ),
    min_size=1,
    max_size=6,
)
AREAS = st.tuples(st.integers(0, 4), st.integers(1, 6), st.integers(0, 5), st.integers(1, 6))


def view_of(rows, format="blank"):
    """A view of a workbook of one sheet with the given rows, its styles those of `CODES`."""
    document = Document(format, [SheetSource("One", b"", lambda: iter(enumerate(rows)))])
    view = View(stored(document), 1)
    view.look = Look(CODES, [{}, *({"bold": True} for _ in CODES[1:])])
    return view


def stored(document):
    """The state that a document is kept as."""
    importing = State.importing(MemoryChunks(), document, None)
    while True:
        try:
            next(importing)
        except StopIteration as done:
            return done.value[0]


def plain(view, row, column, cell):
    """What goes out of a cell, as the module's description says it."""
    code = view.look.code(cell.style)
    shown = display(cell.shown, code)
    entered = view.entry(row, column, cell)
    text = entered if cell.formula is not None and cell.computed is None else shown.text
    flags = ("f" if cell.formula is not None else "") + ("r" if isinstance(cell.shown, RichText) else "")
    told = [
        column,
        text,
        cell.style,
        kind_of(cell.shown),
        entered if entered != text else None,
        flags or None,
        shown.colour,
    ]
    while told[-1] is None:
        told.pop()
    return told


def kind_of(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "b"
    if isinstance(value, ErrorValue):
        return "e"
    return "n" if isinstance(value, int | float) else "s"


@given(ROWS, AREAS)
def test_a_window_says_of_each_cell_what_display_and_entry_say(rows, area):
    """Whatever repeats in a window, each cell goes out as it would alone, cut to the area."""
    view, (start, count, left, columns) = view_of(rows), area
    window = view.window(start, count, left, columns)
    stored = dict(view.tree.rows(start, start + count))
    expected = {}
    for index, row in stored.items():
        told = [plain(view, index, at, cell) for at, cell in row.cells() if left <= at < left + columns]
        if told:
            expected[index] = told
    assert {row["i"]: row["cells"] for row in window.rows if "cells" in row} == expected
    used = {cell[2] for cells in expected.values() for cell in cells} - {0}
    assert list(window.styles) == [str(style) for style in sorted(used)]


@given(ROWS)
def test_cells_asked_for_one_by_one_are_those_of_a_window(rows):
    """A cell goes out alike in a window and by its position; an empty one by position only."""
    view = view_of(rows)
    positions = [(row, column) for row in range(len(rows)) for column in range(6)]
    told = {(row["i"], cell[0]): cell for row in view.cells(positions).rows for cell in row["cells"]}
    window = view.window(0, len(rows), 0, 6)
    shown = {(row["i"], cell[0]): cell for row in window.rows for cell in row.get("cells", ())}
    assert {place: told[place] for place in shown} == shown
    assert set(told) == set(positions)


def test_numbers_that_are_equal_are_told_apart():
    """1, 1.0, TRUE and "1.50" beside 1.5 each go out as themselves."""
    values = [1, True, "1", 1.5, LexicalNumber("1.50")]
    window = view_of([row_of({at: Cell(value) for at, value in enumerate(values)})]).window(0, 1, 0, 9)
    assert window.rows[0]["cells"] == [
        [0, "1", 0, "n"],
        [1, "TRUE", 0, "b"],
        [2, "1", 0, "s", "'1"],
        [3, "1.5", 0, "n"],
        [4, "1.5", 0, "n", "1.50"],
    ]


def test_a_text_file_shows_its_own_text():
    """Of a CSV file no number format applies: numbers show as they were written."""
    row = row_of({0: Cell(LexicalNumber("1.50")), 1: Cell(123_456_789_012)})
    window = view_of([row], "csv").window(0, 1, 0, 2)
    assert window.rows[0]["cells"] == [[0, "1.50", 0, "n"], [1, "123456789012", 0, "n"]]


def test_links_notes_and_tabs():
    """A window has what its file says of its cells, and a workbook the colours of its tabs."""
    book = Workbook()
    book.active.sheet_properties.tabColor = "00AA00"
    book.create_sheet("Plain")
    book.active["B2"].hyperlink = "https://example.org/"
    book.active["B3"].comment = Comment("Look", "Ann")
    file = BytesIO()
    book.save(file)
    view = View(stored(read(file, Limits())), 1)
    assert view.window(0, 9, 0, 9).annotations == {
        "links": [{"range": "B2", "target": "https://example.org/"}],
        "notes": [{"cell": "B3", "author": "Ann", "text": "Look"}],
    }
    assert view.window(5, 9, 0, 9).annotations == {}
    assert tab_colors(view.state) == {1: "#00aa00"}


def test_annotations_stay_with_their_sheets():
    """Sheets that come and go beside a sheet, or are moved, take nothing of what is said of its cells."""
    book = Workbook()
    for n in range(3):
        sheet = book.create_sheet(f"Number {n}")
        sheet.sheet_properties.tabColor = f"00AA0{n}"
        sheet["A1"].comment = Comment(f"On {n}", "Ann")
    book.remove(book.active)
    file = BytesIO()
    book.save(file)
    state = stored(read(file, Limits()))
    changes = (DeleteSheet(3), AddSheet("New", 0), MoveSheet(2, 0), DeleteSheet(1))
    for change in changes:
        state, _ = applied(state, change)
    said = {sheet.name: View(state, sheet.id).window(0, 9, 0, 9).annotations for sheet in state.sheets}
    assert said == {"Number 1": {"notes": [{"cell": "A1", "author": "Ann", "text": "On 1"}]}, "New": {}}
    assert tab_colors(state) == {2: "#00aa01"}
