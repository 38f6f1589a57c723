"""Sheets of a package come and go with what belongs to them, by splices of the lists that name them."""

import re

import pytest

from app.formats.guard import Limits
from app.formats.xlsx.package import Package
from app.formats.xlsx.package_edit import PackageEdit
from app.formats.xlsx.reader import read
from app.formats.xlsx.sheet_list import (
    NotBroughtBack,
    add_sheet,
    bring_back,
    delete_sheet,
    move_sheet,
    show_sheet,
)
from tests.formats.xlsx.packages import DOC, MAIN, PACKAGE, package, worksheet

RELS = f'<Relationships xmlns="{PACKAGE}/relationships">%s</Relationships>'
LINK = f'<Relationship Id="%s" Type="{DOC}/%s" Target="%s"/>'
TYPE = "<Override PartName='/xl/%s' ContentType='a/b'/>"
WORKBOOK = (
    f'<x:workbook xmlns:x="{MAIN}" xmlns:rel="{DOC}"><x:bookViews><x:workbookView '
    'activeTab="1" firstSheet="1"/></x:bookViews>\n<x:sheets>\n'
    ' <x:sheet name="One" sheetId="1" rel:id="a"/>\n'
    ' <x:sheet rel:id="b" sheetId="7" name="Two"/>\n <x:sheet name="Three" sheetId="3" rel:id="c"/>\n'
    '</x:sheets><x:definedNames><x:definedName name="A">1</x:definedName>'
    '<x:definedName name="B" localSheetId="1">Two!$A$1</x:definedName>'
    '<x:definedName localSheetId="2" name="C">3</x:definedName></x:definedNames><x:calcPr calcId="1"/>'
    '<x:pivotCaches><x:pivotCache cacheId="4" rel:id="p"/></x:pivotCaches></x:workbook>'
)
LINKS = (
    ("a", "worksheet", "worksheets/sheet1.xml"),
    ("b", "worksheet", "/xl/worksheets/Sheet2.xml"),
    ("c", "worksheet", "worksheets/sheet3.xml"),
    ("p", "pivotCacheDefinition", "pivotCache/cache1.xml"),
    ("k", "calcChain", "calcChain.xml"),
)
OWN = {
    "xl/worksheets/Sheet2.xml": worksheet(""),
    "xl/worksheets/_rels/sheet2.xml.rels": RELS
    % (
        LINK % ("rId1", "drawing", "../drawings/drawing2.xml")
        + LINK % ("p", "pivotTable", "../pivotTables/p1.xml")
    ),
    "xl/drawings/drawing2.xml": "<d/>",
    "xl/drawings/_rels/drawing2.xml.rels": RELS
    % (LINK % ("i", "image", "../media/image1.png") + LINK % ("c", "chart", "../charts/chart1.xml")),
    "xl/charts/chart1.xml": "<c/>",
    "xl/pivotTables/p1.xml": "<p/>",
    "xl/pivotTables/_rels/p1.xml.rels": RELS
    % (LINK % ("p", "pivotCacheDefinition", "../pivotCache/cache1.xml")),
    "xl/pivotCache/cache1.xml": "<p/>",
}
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    + "".join(
        TYPE % name
        for name in ("workbook.xml", "worksheets/sheet2.xml", "charts/chart1.xml", "calcChain.xml")
    )
    + "</Types>",
    "_rels/.rels": RELS % (LINK % ("r", "officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": WORKBOOK,
    "xl/_rels/workbook.xml.rels": RELS % "".join(LINK % link for link in LINKS),
    "xl/worksheets/sheet1.xml": worksheet(""),
    "xl/worksheets/_rels/sheet1.xml.rels": RELS % (LINK % ("d", "drawing", "../drawings/drawing1.xml")),
    "xl/drawings/drawing1.xml": "<d/>",
    "xl/drawings/_rels/drawing1.xml.rels": RELS % (LINK % ("i", "image", "../media/image1.png")),
    "xl/media/image1.png": "shared",
    **OWN,
    "xl/worksheets/sheet3.xml": worksheet(""),
    "xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="A1" i="7"/></calcChain>',
}


def opened(parts=PARTS):
    document = read(package(parts), Limits())
    return PackageEdit(Package.decode(document.package), list(document.parts))


def again(edit):
    """The package of an edit, to be edited once more."""
    count = max([len(PARTS) - 3, *(at + 1 for at in edit.changed())])  # three are sheets
    parts = [edit.changed().get(at) or edit.part(at) for at in range(count)]
    return PackageEdit(Package.decode(edit.package.encode()), parts)


def text(edit, name):
    """The part of a name as an edit leaves it."""
    at = edit.package.part_named(name)
    return edit.changed().get(at, edit.part(at)).decode()


def names(edit):
    return [member.text for member in edit.package.members]


def test_a_new_sheet_is_listed_as_the_others_are():
    """Prefixes are the file's own, ids are new, and only the lists change."""
    edit = opened()
    frame = add_sheet(edit, "N & 1", 1)
    assert names(edit) == [*PARTS, "xl/worksheets/sheet4.xml"]
    wanted = '<x:sheet name="N &amp; 1" sheetId="8" rel:id="rId6"/>\n</x:sheets>'
    assert text(edit, "xl/workbook.xml") == WORKBOOK.replace("\n</x:sheets>", wanted)
    link = LINK % ("rId6", "worksheet", "worksheets/sheet4.xml")
    assert link in text(edit, "xl/_rels/workbook.xml.rels")
    assert 'PartName="/xl/worksheets/sheet4.xml"' in text(edit, "[Content_Types].xml")
    assert len(edit.changed()) == 3
    assert MAIN.encode() in frame


def test_a_new_sheet_says_what_its_prefix_means():
    """Where each sheet of the list declares the prefix of links for itself, so does the new one."""
    said = f'xmlns:rel="{DOC}"'
    each = WORKBOOK.replace(f" {said}", "").replace("<x:sheet ", f"<x:sheet {said} ")
    edit = opened(PARTS | {"xl/workbook.xml": each.replace("<x:pivotCache ", f"<x:pivotCache {said} ")})
    add_sheet(edit, "New", 1)
    assert f'<x:sheet name="New" sheetId="8" rel:id="rId6" {said}/>' in text(edit, "xl/workbook.xml")


def test_a_deleted_sheet_takes_its_own_parts_along():
    """Its drawing, chart, pivot table, cache, links, names and formulas go; a shared picture stays."""
    edit = opened()
    delete_sheet(edit, 1)
    assert names(edit) == [name for name in PARTS if name not in OWN and name != "xl/calcChain.xml"]
    assert text(edit, "xl/workbook.xml") == WORKBOOK.replace(
        '\n <x:sheet rel:id="b" sheetId="7" name="Two"/>', ""
    ).replace('<x:definedName name="B" localSheetId="1">Two!$A$1</x:definedName>', "").replace(
        'localSheetId="2"', 'localSheetId="1"'
    ).replace('<x:pivotCaches><x:pivotCache cacheId="4" rel:id="p"/></x:pivotCaches>', "")
    assert text(edit, "xl/_rels/workbook.xml.rels") == RELS % "".join(
        LINK % link for link in LINKS if link[0] in "ac"
    )
    assert text(edit, "[Content_Types].xml").count("Override") == 1
    assert [edit.package.places[names(edit).index(f"xl/worksheets/sheet{n}.xml")] for n in (1, 3)] == [-1, -2]
    assert [sheet.member for sheet in edit.package.sheets] == [
        names(edit).index(f"xl/worksheets/sheet{n}.xml") for n in (1, 3)
    ]


def test_a_pivot_cache_that_others_use_stays():
    """A cache that the pivot table of another sheet stands on is not left out."""
    links = LINK % ("d", "pivotTable", "../pivotTables/p2.xml")
    shared = {
        "xl/worksheets/_rels/sheet1.xml.rels": RELS % links,
        "xl/pivotTables/p2.xml": "<p/>",
        "xl/pivotTables/_rels/p2.xml.rels": OWN["xl/pivotTables/_rels/p1.xml.rels"],
    }
    edit = opened(PARTS | shared)
    delete_sheet(edit, 1)
    assert "xl/pivotCache/cache1.xml" in names(edit)
    assert "<x:pivotCaches>" in text(edit, "xl/workbook.xml")


@pytest.mark.parametrize("to", [0, 1, 2])
def test_a_deleted_sheet_comes_back(to):
    """With its parts, links, names and pivot cache, at the place that is asked for."""
    edit = opened()
    delete_sheet(edit, 1)
    edit = again(edit)
    bring_back(edit, opened(), 1, to)
    assert sorted(names(edit)) == sorted(set(PARTS) - {"xl/calcChain.xml"})
    assert [sheet.name for sheet in edit.package.sheets].index("Two") == to
    assert [sheet.sheet_id for sheet in edit.package.sheets].index(7) == to
    workbook = text(edit, "xl/workbook.xml")
    assert f'<x:definedName name="B" localSheetId="{to}">Two!$A$1</x:definedName>' in workbook
    links = text(edit, "xl/_rels/workbook.xml.rels")
    (rid,) = re.findall(r'<x:pivotCache cacheId="4" rel:id="(\w+)"/>', workbook)
    assert LINK % (rid, "pivotCacheDefinition", "/xl/pivotCache/cache1.xml") in links
    assert [names(edit)[sheet.member] for sheet in edit.package.sheets][to] == "xl/worksheets/Sheet2.xml"


def test_a_sheet_whose_place_is_taken_does_not_come_back():
    """Where another part has its name by now."""
    edit = opened()
    with pytest.raises(NotBroughtBack):
        bring_back(edit, opened(), 1, 0)


def test_moved_sheets_keep_their_names_and_their_view():
    """Local names and the active tab are numbers of places: they follow."""
    edit = opened()
    move_sheet(edit, 1, 0)
    workbook = text(edit, "xl/workbook.xml")
    one, two = '<x:sheet name="One" sheetId="1" rel:id="a"/>', '<x:sheet rel:id="b" sheetId="7" name="Two"/>'
    assert workbook == WORKBOOK.replace(one, "*").replace(two, one).replace("*", two).replace(
        'activeTab="1" firstSheet="1"', 'activeTab="0" firstSheet="0"'
    ).replace('localSheetId="1"', 'localSheetId="0"')
    assert [sheet.name for sheet in edit.package.sheets] == ["Two", "One", "Three"]
    assert list(edit.changed()) == [edit.package.roles["workbook"]]


def test_a_hidden_sheet_is_not_the_active_one():
    """The next visible sheet is shown instead; the one before where none follows."""
    edit = opened()
    show_sheet(edit, 1, "hidden")
    assert 'activeTab="2"' in text(edit, "xl/workbook.xml")
    assert '<x:sheet state="hidden" rel:id="b" sheetId="7" name="Two"/>' in text(edit, "xl/workbook.xml")
    edit = again(edit)
    show_sheet(edit, 2, "hidden")
    assert 'activeTab="0"' in text(edit, "xl/workbook.xml")
