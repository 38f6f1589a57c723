"""The sheets that a package lists: added, renamed, moved, hidden, left out and brought back.

The workbook part, its links and the list of content types change by splices, and what belongs to a sheet
comes and goes with it; no other part is touched. What ``docProps/app.xml`` says of titles stays: no program
goes by it. Formulas and names that refer to a sheet keep their text.
"""

import posixpath
import re
from typing import NamedTuple

from msgspec.structs import replace

from app.formats.xlsx.calculation import without_entries
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.markup import local
from app.formats.xlsx.package import SheetEntry, normal
from app.formats.xlsx.package_edit import CONTENT_TYPE, OFFICE, PackageEdit, rels_of
from app.formats.xlsx.part_source import Element
from app.sheet.document import SheetState

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHARES_CACHES = ("slicerCache", "timelineCache")
"""Links to parts that use pivot caches without saying which in a link of theirs."""
_LOCAL_SHEET = re.compile(r"""(\slocalSheetId\s*=\s*)(?:"[^"]*"|'[^']*')""")
# The order of ECMA-376-1's schema, as far as lists that are put back go.
_BEFORE = (
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets",
    "functionGroups", "externalReferences", "definedNames", "calcPr", "oleSize", "customWorkbookViews",
    "pivotCaches",
)  # fmt: skip


class NotBroughtBack(ValueError):
    """Parts of the deleted sheet have no place in the file any more. Restore an earlier revision instead."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


def add_sheet(edit: PackageEdit, name: str, number: int) -> bytes:
    """Add an empty worksheet behind all others; its frame.

    number: one that no sheet of the workbook ever had, for its part's name.
    """
    package = edit.package
    known = {normal(member.text) for member in package.members}
    while normal(part := posixpath.join(edit.folder(), f"worksheets/sheet{number}.xml")) in known:
        number += 1
    sheet_id = max((sheet.sheet_id for sheet in package.sheets), default=0) + 1
    edit.add_member(part, -1 - len(package.sheets))
    edit.declare(part, CONTENT_TYPE + "worksheet+xml")
    rid = edit.link("worksheet", f"worksheets/sheet{number}.xml")
    entry = SheetEntry(name, sheet_id, "visible", "worksheet", len(package.members), rid)
    element = _sheet_element(edit, entry)
    edit.package = replace(edit.package, sheets=[*package.sheets, entry])
    if (listed := edit.workbook.root.first("sheets")) is not None:
        edit.workbook.append(listed, element.source())
    head = f'{_DECLARATION}<worksheet xmlns="{edit.main_namespace()}"><sheetData>'
    return Frame(head=head.encode(), tail=b"</sheetData></worksheet>", sheet_id=sheet_id).encode()


def rename_sheet(edit: PackageEdit, at: int, name: str) -> None:
    """Give a sheet another name."""
    edit.workbook.set(_elements(edit)[at], "name", name)
    _replace_entry(edit, at, name=name)


def show_sheet(edit: PackageEdit, at: int, state: SheetState) -> None:
    """Show or hide a sheet's tab. Where the active sheet is hidden, the next visible one becomes active."""
    edit.workbook.set(_elements(edit)[at], "state", state)
    _replace_entry(edit, at, state=state)
    _activate(edit, list(range(len(edit.package.sheets))))


def move_sheet(edit: PackageEdit, at: int, to: int) -> None:
    """Put a sheet's tab at another place among all."""
    order = list(range(len(edit.package.sheets)))
    order.insert(to, order.pop(at))
    elements = _elements(edit)
    edit.workbook.reorder([elements[old] for old in order])
    _reorder(edit, order)


def delete_sheet(edit: PackageEdit, at: int) -> None:
    """Leave a sheet out, with the parts that only it used and the names that are its own."""
    entry = edit.package.sheets[at]
    own = _own(edit, at)
    _forget_formulas(edit, entry)
    edit.workbook.remove(_elements(edit)[at])
    caches = edit.workbook.root.first("pivotCaches")
    known = caches.all("pivotCache") if caches else []
    gone = [cache for cache in known if cache.get("id") in own.links]
    for element in [caches] if caches and gone and len(gone) == len(known) else gone:
        edit.workbook.remove(element)
    for rid in own.links:
        edit.unlink(rid)
    edit.leave_out(own.parts)
    _reorder(edit, [old for old in range(len(edit.package.sheets)) if old != at])


def bring_back(edit: PackageEdit, earlier: PackageEdit, at: int, to: int) -> None:
    """Put a sheet of an earlier package of the same workbook in again, with its own parts, at a place.

    Raises NotBroughtBack where its parts have no place any more.
    """
    own, entry = _own(earlier, at), earlier.package.sheets[at]
    _put_back(edit, earlier, own.parts)
    count, links = len(edit.package.sheets), earlier.links(earlier.workbook_name)
    rids = {rid: edit.link(links[rid].type, f"/{links[rid].target}") for rid in own.links if rid in links}
    names = [member.name for member in edit.package.members]
    name = earlier.package.members[entry.member].name if entry.member >= 0 else b""
    member = names.index(name) if name in names else -1
    entry = replace(entry, rid=rids.get(entry.rid, entry.rid), member=member)
    workbook, elements = edit.workbook, _elements(edit)
    listed = workbook.root.first("sheets")
    if listed is None:
        raise NotBroughtBack
    before = elements[to] if to < len(elements) else None
    workbook.insert(listed, before, _sheet_element(edit, entry).source())
    edit.package = replace(edit.package, sheets=[*edit.package.sheets, entry])
    order = list(range(count))
    order.insert(to, count)
    _reorder(edit, order)
    for own_name in _local_names(earlier, at):
        said = _LOCAL_SHEET.sub(lambda match: f'{match[1]}"{to}"', earlier.workbook.raw(own_name), count=1)
        _append(edit, "definedNames", said)
    caches = earlier.workbook.root.first("pivotCaches")
    for cache in caches.all("pivotCache") if caches else ():
        if cache.get("id") in rids:
            attributes = {
                key: rids[value] if local(key) == "id" else value for key, value in cache.attributes.items()
            }
            _append(edit, "pivotCaches", Element(cache.name, attributes).source())


class _Own(NamedTuple):
    """What nothing but one sheet uses: parts by their names as compared, and ids of the workbook's links."""

    parts: set[str]
    links: list[str]


def _own(edit: PackageEdit, at: int) -> _Own:
    """What nothing but the sheet at a place uses, itself included."""
    rid, place = edit.package.sheets[at].rid, -1 - at
    links = edit.links(edit.workbook_name)
    own = [links[rid].target] if rid in links else []
    own += [edit.name(place)] if place in edit.package.places else []
    reached = edit.reached(*own)
    gone = [rid] if rid in links else []
    if not any(link.type in _SHARES_CACHES for link in links.values()):
        sheets = (
            link.target for other, link in links.items() if other != rid and link.type.endswith("sheet")
        )
        shared = edit.reached(*sheets)
        gone += [
            other
            for other, link in links.items()
            if link.type == "pivotCacheDefinition" and normal(link.target) in reached - shared
        ]
    others = (link.target for other, link in links.items() if other not in gone)
    kept = edit.reached("", *others, beyond=edit.workbook_name)
    return _Own({*(reached - kept), *map(normal, own)}, gone)


def _put_back(edit: PackageEdit, earlier: PackageEdit, parts: set[str]) -> None:
    """Give parts of an earlier package, and their own links, their places in the zip file again."""
    wanted = parts | {normal(rels_of(name)) for name in parts}
    known = {normal(member.text) for member in edit.package.members}
    types = earlier.content_types()
    for member, place in zip(earlier.package.members, earlier.package.places, strict=True):
        name = member.text.replace("\\", "/")
        if normal(name) not in wanted:
            continue
        if normal(name) in known or (place >= 0 and not edit.has(place, earlier.part(place))):
            raise NotBroughtBack
        edit.add_member(name, place if place >= 0 else -1 - len(edit.package.sheets))
        if normal(name) in types:
            edit.declare(name, types[normal(name)])


def _append(edit: PackageEdit, group: str, source: str) -> None:
    """Put source behind the last entry of a list of the workbook part, which is made where it is missing."""
    workbook = edit.workbook
    root = workbook.root
    listed = root.first(group)
    if listed is not None:
        workbook.append(listed, source)
        return
    earlier = _BEFORE[: _BEFORE.index(group)]
    later = [at for at, child in enumerate(root.children) if local(child.name) in earlier]
    following = root.children[later[-1] + 1 :] if later else []
    name = root.prefix + group
    workbook.insert(root, following[0] if following else None, f"<{name}>{source}</{name}>")


def _forget_formulas(edit: PackageEdit, entry: SheetEntry) -> None:
    """Take the formulas of a sheet out of the calculation chain; the chain, where nothing else is in it."""
    at = edit.package.roles.get("calcChain")
    if at is None:
        return
    kept = without_entries(edit.part(at), {entry.sheet_id: lambda _row, _column: False})
    if kept is not None:
        edit.replace(at, kept)
        return
    for rid, link in edit.links(edit.workbook_name).items():
        if link.type == "calcChain":
            edit.unlink(rid)
    edit.leave_out([edit.name(at)])
    roles = {role: place for role, place in edit.package.roles.items() if role != "calcChain"}
    edit.package = replace(edit.package, roles=roles)


def _reorder(edit: PackageEdit, order: list[int]) -> None:
    """Let the sheets at these places, and no others, be the package's, in this order."""
    package = edit.package
    new = {old: place for place, old in enumerate(order)}
    places = [-1 - new[-1 - place] if place < 0 else place for place in package.places]
    edit.package = replace(package, places=places, sheets=[package.sheets[old] for old in order])
    _renumber_names(edit, new)
    _activate(edit, order)


def _renumber_names(edit: PackageEdit, new: dict[int, int]) -> None:
    """Let names that belong to a sheet follow it, and go with it."""
    workbook = edit.workbook
    listed = workbook.root.first("definedNames")
    names = [] if listed is None else listed.all("definedName")
    own = [(name, name.number("localSheetId")) for name in names if name.get("localSheetId")]
    gone = [name for name, sheet in own if sheet not in new]
    if listed is not None and gone and len(gone) == len(names):
        workbook.remove(listed)
        return
    for name, sheet in own:
        if sheet not in new:
            workbook.remove(name)
        elif new[sheet] != sheet:
            workbook.set(name, "localSheetId", str(new[sheet]))


def _local_names(edit: PackageEdit, at: int) -> list[Element]:
    """The names that belong to a sheet."""
    listed = edit.workbook.root.first("definedNames")
    found = listed.all("definedName") if listed else []
    return [name for name in found if name.get("localSheetId") and name.number("localSheetId") == at]


def _activate(edit: PackageEdit, order: list[int]) -> None:
    """Let views show the sheet that they showed; the next visible one where that is gone or hidden."""
    workbook = edit.workbook
    sheets = edit.package.sheets
    new = {old: place for place, old in enumerate(order)}
    views = workbook.root.first("bookViews")
    for view in views.all("workbookView") if views is not None else ():
        for name in ("activeTab", "firstSheet"):
            old = view.number(name)
            place = new.get(old, min(old, len(sheets) - 1))
            if name == "activeTab" and sheets[place].state != "visible":
                later = [*range(place, len(sheets)), *range(place - 1, -1, -1)]
                place = next((at for at in later if sheets[at].state == "visible"), place)
            if place != old:
                workbook.set(view, name, str(place))


def _replace_entry(edit: PackageEdit, at: int, **changes: str) -> None:
    sheets = list(edit.package.sheets)
    sheets[at] = replace(sheets[at], **changes)
    edit.package = replace(edit.package, sheets=sheets)


def _elements(edit: PackageEdit) -> list[Element]:
    """The elements that list the sheets."""
    listed = edit.workbook.root.first("sheets")
    return [] if listed is None else listed.all("sheet")


def _sheet_element(edit: PackageEdit, entry: SheetEntry) -> Element:
    """The element that lists a sheet, written as the others are."""
    elements, root = _elements(edit), edit.workbook.root
    written = (key for element in elements for key in element.attributes if local(key) == "id")
    rid = next(written, "r:id")
    state = {} if entry.state == "visible" else {"state": entry.state}
    said = {"name": entry.name, "sheetId": str(entry.sheet_id), **state, rid: entry.rid}
    namespace = f"xmlns:{rid.partition(':')[0]}"
    listed = root.first("sheets")
    if namespace not in root.attributes | (listed.attributes if listed else {}):
        own = (element.attributes[namespace] for element in elements if namespace in element.attributes)
        said[namespace] = next(own, OFFICE)
    return Element(elements[0].name if elements else root.prefix + "sheet", said)
