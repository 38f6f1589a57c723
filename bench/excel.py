"""The seeded rows as a workbook in the form that Excel writes: shared strings, styles, 17 digits, spans."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile

from app.sheet.address import column_name
from app.sheet.cell import Value
from bench import data

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_AC = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"
_EPOCH = date(1899, 12, 30)
_DATE = 1
_HEADING, _DAY, _MONEY = 1, 2, 3
"""Style ids."""

_PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>\
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>\
<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>\
<Override PartName="/xl/sharedStrings.xml" ContentType="{_SHEET_TYPE}.sharedStrings+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>\
<sheet name="Orders" sheetId="1" r:id="rId1"/></sheets><calcPr calcId="191029"/></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>\
<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>\
<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""",
    "xl/styles.xml": f"""<styleSheet xmlns="{_MAIN}">\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>\
<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>""",
}

_Content: TypeAlias = "Callable[[int, tuple[Value, ...], _Strings], Iterator[str]]"


class _Strings(dict[str, int]):
    """Indexes of shared texts, in the order they come up; `used` counts the cells that have one."""

    used = 0

    def __missing__(self, text: str) -> int:
        self[text] = index = len(self)
        return index

    def cell(self, place: str, style: int, text: str) -> str:
        """The source of a cell that shows a text."""
        self.used += 1
        return f'<c r="{place}"{_style(style)} t="s"><v>{self[text]}</v></c>'

    def source(self) -> str:
        """The part."""
        items = "".join(f"<si><t>{text}</t></si>" for text in self)
        return f'<sst xmlns="{_MAIN}" count="{self.used}" uniqueCount="{len(self)}">{items}</sst>'


def write_plain(rows: int, path: Path) -> int:
    """Write the rows as constants, dates as numbers with a date format; how many cells that makes."""
    return _write(rows, path, _constants)


def write_formulas(rows: int, path: Path) -> int:
    """Write rows of which half the cells are formulas, three columns of them shared; how many cells."""
    return _write(rows, path, _formulas)


def _write(rows: int, path: Path, content: _Content) -> int:
    strings = _Strings()
    cells = 0
    last = column_name(data.WIDTH - 1)
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for name, part in _PARTS.items():
            package.writestr(name, _DECLARATION + part)
        with package.open("xl/worksheets/sheet1.xml", "w") as sheet:
            head = (
                f'{_DECLARATION}<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}" '
                'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac" '
                f'xmlns:x14ac="{_AC}"><dimension ref="A1:{last}{rows}"/>'
                '<sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews>'
                '<sheetFormatPr defaultRowHeight="15" x14ac:dyDescent="0.25"/>'
                '<cols><col min="2" max="2" width="10.7109375" customWidth="1"/></cols><sheetData>'
            )
            sheet.write(head.encode())
            for index, row in data.rows(rows):
                values = dict(zip(row.columns, row.values, strict=True))
                whole = tuple(values.get(column) for column in range(data.WIDTH))
                found = [*(content if index else _heading)(index, whole, strings)]
                cells += len(found)
                tag = f'<row r="{index + 1}" spans="1:{data.WIDTH}" x14ac:dyDescent="0.25">'
                sheet.write(f"{tag}{''.join(found)}</row>".encode())
            sheet.write(
                b'</sheetData><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3"'
                b' footer="0.3"/></worksheet>'
            )
        package.writestr("xl/sharedStrings.xml", _DECLARATION + strings.source())
    return cells


def _heading(index: int, values: tuple[Value, ...], strings: _Strings) -> Iterator[str]:
    for column, value in enumerate(values):
        yield strings.cell(f"{column_name(column)}{index + 1}", _HEADING, str(value))


def _constants(index: int, values: tuple[Value, ...], strings: _Strings) -> Iterator[str]:
    for column, value in enumerate(values):
        place = f"{column_name(column)}{index + 1}"
        if column == _DATE:
            yield _number(place, _DAY, (date.fromisoformat(str(value)) - _EPOCH).days)
        elif isinstance(value, str):
            yield strings.cell(place, 0, value)
        elif value is not None:
            yield _number(place, _MONEY if isinstance(value, float) else 0, value)


def _formulas(index: int, values: tuple[Value, ...], strings: _Strings) -> Iterator[str]:
    """Order, date, customer, quantity and price, then what is computed of them."""
    at = index + 1
    order, day, customer, quantity, price = (values[column] for column in (0, _DATE, 2, 6, 7))
    yield _number(f"A{at}", 0, order)
    yield _number(f"B{at}", _DAY, (date.fromisoformat(str(day)) - _EPOCH).days)
    yield strings.cell(f"C{at}", 0, str(customer))
    yield _number(f"D{at}", 0, quantity)
    yield _number(f"E{at}", _MONEY, price)
    total = round(float(quantity) * float(price), 2)  # type: ignore[arg-type]
    tax = round(total * 0.19, 2)
    size = "large" if total > 20_000 else "small"
    shared = [f' t="shared" si="{group}"' for group in range(3)]
    if index == 1:
        end = 1_048_576
        shared = [f' t="shared" ref="{name}2:{name}{end}" si="{at}"' for at, name in enumerate("FGH")]
    for name, said, formula, result in (
        ("F", shared[0], f"D{at}*E{at}", total),
        ("G", shared[1], f"ROUND(F{at}*0.19,2)", tax),
        ("H", shared[2], f"F{at}+G{at}", total + tax),
    ):
        source = f"<f{said}>{formula}</f>" if index == 1 else f"<f{said}/>"
        yield f'<c r="{name}{at}" s="{_MONEY}">{source}<v>{result:.17g}</v></c>'
    yield f'<c r="I{at}" t="str"><f>IF(F{at}&gt;20000,"large","small")</f><v>{size}</v></c>'
    yield f'<c r="J{at}" s="{_MONEY}"><f>SUM(F$2:F{at})/COUNT(F$2:F{at})</f><v>{total / 2:.17g}</v></c>'


def _number(place: str, style: int, value: Value) -> str:
    text = f"{value:.17g}" if isinstance(value, float) else str(value)
    return f'<c r="{place}"{_style(style)}><v>{text}</v></c>'


def _style(style: int) -> str:
    return f' s="{style}"' if style else ""
