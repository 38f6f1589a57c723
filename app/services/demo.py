"""A demo account: two people, and a workbook whose history tells what Cellar does."""

import random
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import NamedTuple
from uuid import UUID, uuid4

from openpyxl import Workbook as Package
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from app.formats.guard import Limits
from app.models.user import User
from app.services import accounts, editing, history, imports, restores, revisions, sharing
from app.services.editing import ClearRequest, EditRequest, SetRequest, Typed

OWNER = "demo@example.com"
COLLEAGUE = "sam@example.com"
_FILE = "Riverside Café 2026.xlsx"
_MONTHS = ("January", "February", "March", "April", "May", "June")
_COSTS = (
    ("Rent", 1850),
    ("Wages", 5240),
    ("Coffee beans", 940),
    ("Milk", 610),
    ("Pastry", 1180),
    ("Electricity", 420),
    ("Insurance", 165),
    ("Repairs", 240),
)
_SUPPLIERS = ("Hill Roasters", "Green Valley Dairy", "Baker & Daughter", "City Power", "North Packaging")
_ORDERS = 1_500
_BUDGET, _ORDER_SHEET = 1, 2
_FORMULA = re.compile(r'(<c r="([A-Z]+[0-9]+)"[^>]*><f>[^<]*</f>)<v ?/>')


class Demo(NamedTuple):
    """What was made: the owner, who may sign in, and the workbook."""

    owner: User
    workbook_id: UUID
    revisions: int


def make(password: str, *, now: datetime) -> Demo:
    """Make the demo accounts, both with this password, and their workbook, with a history up to `now`.

    Raises EmailTaken where the demo is there already, and WeakPassword.
    """
    start = now - timedelta(days=12)
    owner = accounts.create(OWNER, "Dana Demo", password, False, start)
    colleague = accounts.create(COLLEAGUE, "Sam Rivers", password, False, start)
    workbook_id = uuid4()
    for _ in imports.import_file(
        owner, workbook_id, BytesIO(_file()), _FILE, limits=Limits(), now=start + timedelta(hours=1)
    ):
        pass
    sharing.share(owner, workbook_id, COLLEAGUE, "editor", start + timedelta(hours=2))
    story = _Story(workbook_id, start)
    story.edit(owner, 3, {"B3": "1850", "B4": "5310", "B6": "655"}, "January as it was billed")
    story.edit(colleague, 26, {"C5": "1010", "C7": "1225"}, "New price list of the bakery")
    story.edit(colleague, 26.1, {"C8": "=B8*1.04"})
    history.set_name(owner, workbook_id, story.head, "Budget as agreed", story.at(28))
    story.edit(owner, 52, {"D10": "890"}, "The dishwasher")
    prices = {f"D{row}": f"{2.4 + row % 7 / 10:.2f}" for row in range(40, 52)}
    story.edit(colleague, 75, prices, "Cups got dearer", sheet=_ORDER_SHEET)
    story.clear(colleague, 99, "A2:E40", sheet=_ORDER_SHEET)
    restores.revert(owner, workbook_id, story.head, now=story.at(100), message="Those orders were still open")
    story.edit(owner, 171, {"F4": "5480", "G4": "5480"}, "Raise from May on")
    wrong = {f"{column}{row}": "0" for column in "BCDEFG" for row in (3, 4, 5)}
    story.edit(colleague, 196, wrong, "Trying something out")
    restores.restore(
        owner, workbook_id, story.head - 1, now=story.at(197), message="Back to the real figures"
    )
    story.edit(owner, 240, {"A1": "Riverside Café – costs, first half of 2026"})
    history.set_name(owner, workbook_id, story.head, "Sent to the accountant", story.at(241))
    return Demo(owner, workbook_id, story.head)


class _Story:
    """The workbook as its edits come, each some hours after the start, on the head of that time."""

    def __init__(self, workbook_id: UUID, start: datetime) -> None:
        self.workbook_id = workbook_id
        self._start = start

    def at(self, hours: float) -> datetime:
        return self._start + timedelta(hours=hours)

    @property
    def head(self) -> int:
        return revisions.head_of(self.workbook_id)

    def edit(
        self,
        actor: User,
        hours: float,
        cells: Mapping[str, str],
        message: str | None = None,
        sheet: int = _BUDGET,
    ) -> None:
        typed = {address: Typed(text) for address, text in cells.items()}
        self._commit(actor, hours, [SetRequest(sheet, typed)], message)

    def clear(self, actor: User, hours: float, area: str, sheet: int) -> None:
        self._commit(actor, hours, [ClearRequest(sheet, area)], None)

    def _commit(
        self, actor: User, hours: float, requests: Sequence[EditRequest], message: str | None
    ) -> None:
        editing.edit(
            actor, self.workbook_id, self.head, requests, now=self.at(hours), via="grid", message=message
        )


def _file() -> bytes:
    """The workbook as it was uploaded: a styled budget with formulas, and a list of orders."""
    package = Package()
    budget = package.active
    assert isinstance(budget, Worksheet)  # noqa: S101 — a new package has a worksheet
    budget.title = "Budget"
    budget.append(["Riverside Café – costs 2026"])
    budget.append(["Cost", *_MONTHS, "Total"])
    for place, (name, amount) in enumerate(_COSTS, start=3):
        budget.append([name, *([amount] * len(_MONTHS)), f"=SUM(B{place}:G{place})"])
    last = 2 + len(_COSTS)
    budget.append(["Total", *(f"=SUM({column}3:{column}{last})" for column in "BCDEFGH")])
    budget["A1"].font = Font(bold=True, size=15)
    for row, fill in ((2, "E2F1EA"), (last + 1, "F3F4F2")):
        for cell in budget[row]:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor=fill)
            cell.alignment = Alignment(horizontal="left" if cell.column == 1 else "right")
    for cells in budget.iter_rows(min_row=3, min_col=2):
        for cell in cells:
            cell.number_format = "#,##0.00"
    budget.column_dimensions["A"].width = 18
    for column in "BCDEFGH":
        budget.column_dimensions[column].width = 12
    budget.row_dimensions[1].height = 24
    budget.freeze_panes = "A3"
    orders = package.create_sheet("Orders")
    orders.append(["No.", "Supplier", "Quantity", "Price", "Total"])
    chance = random.Random(1)  # noqa: S311 — a demo that looks the same each time
    for number in range(1, _ORDERS + 1):
        quantity, price = chance.randint(1, 60), chance.randint(80, 2400) / 100
        total = round(quantity * price, 2)
        orders.append([f"{number:05d}", chance.choice(_SUPPLIERS), quantity, price, total])
    for cell in orders[1]:
        cell.font = Font(bold=True)
    orders.column_dimensions["B"].width = 22
    orders.freeze_panes = "A2"
    made = BytesIO()
    package.save(made)
    return _computed(made)


def _computed(made: BytesIO) -> bytes:
    """The package with its formulas' values, which openpyxl does not compute: all are sums of one amount."""
    total = sum(amount for _, amount in _COSTS)
    values = {f"H{place}": amount * len(_MONTHS) for place, (_, amount) in enumerate(_COSTS, start=3)}
    values |= dict.fromkeys((f"{column}{3 + len(_COSTS)}" for column in "BCDEFG"), total)
    values[f"H{3 + len(_COSTS)}"] = total * len(_MONTHS)

    def with_value(match: re.Match[str]) -> str:
        return f"{match[1]}<v>{values[match[2]]}</v>"

    out = BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            part = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                part = _FORMULA.sub(with_value, part.decode()).encode()
            target.writestr(member, part)
    return out.getvalue()
