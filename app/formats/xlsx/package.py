"""What a workbook's package is made of: members in order, and which are worksheets.

`Package` is what a revision keeps as its document's `package` bytes; `docs/formats.md` has its layout.
"""

import posixpath
import re
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import msgspec

from app.formats import guard
from app.formats.xlsx.container import Archive
from app.formats.xlsx.markup import attribute, child, children, local, parse, whole
from app.formats.xlsx.member import Member
from app.formats.xlsx.recipe import Recipe
from app.formats.xlsx.strings import decode_part
from app.sheet.document import SheetState

VERSION = 1
_MAIN_TYPES = re.compile(
    r"(?i)(spreadsheetml\.(sheet|template)|ms-excel\.(sheet|template|addin)\.macroEnabled)\.main\+xml$"
)
_STATES: dict[str | None, SheetState] = {"hidden": "hidden", "veryHidden": "veryHidden"}
_KINDS = {"worksheet": "worksheet", "chartsheet": "chartsheet", "dialogsheet": "dialogsheet"}
_ROLES = ("sharedStrings", "styles", "theme", "calcChain")


class Relationship(msgspec.Struct, frozen=True):
    """A link from one part to another: its type's last word, its target part's name or external address."""

    type: str
    target: str
    external: bool = False


class SheetEntry(msgspec.Struct, frozen=True, array_like=True):
    """A sheet as the workbook part lists it. member: the zip member it is, -1 where it is missing."""

    name: str
    sheet_id: int
    state: SheetState
    kind: str
    member: int
    rid: str = ""


class Package(msgspec.Struct, frozen=True, array_like=True):
    """A package without its bytes.

    members: every zip entry in order. places: for each member, the index of its part, or ``-1 - n``
    where it is the n-th sheet. roles: part indexes by role: "workbook", "workbookRels", "contentTypes",
    "sharedStrings", "styles", "theme", "calcChain"; absent where the package has none.
    sheets: as the workbook lists them. comment: the zip file's own. recipe: what makes the container again
    byte for byte; None where only its members can be.
    """

    version: int
    members: list[Member]
    places: list[int]
    roles: dict[str, int]
    sheets: list[SheetEntry]
    comment: bytes = b""
    recipe: Recipe | None = None

    def encode(self) -> bytes:
        """The package as bytes."""
        return _ENCODER.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "Package":
        """The package of `encode`'s bytes; ValueError where they are none."""
        package = _DECODER.decode(data)
        if package.version != VERSION:
            raise ValueError(f"package version {package.version} is not known")
        return package

    def part_named(self, name: str) -> int | None:
        """The part index of a part's name, in any case; None where there is none."""
        wanted = normal(name)
        found = [
            place
            for member, place in zip(self.members, self.places, strict=True)
            if place >= 0 and normal(member.text) == wanted
        ]
        return found[-1] if found else None


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Package)


class Parts:
    """The parts of an archive by name, and the links between them."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.by_name = {normal(member.text): at for at, member in enumerate(archive.members)}
        self._exact = {member.text: at for at, member in enumerate(archive.members)}

    def find(self, name: str) -> int | None:
        """The member a part name stands for, in any case; the last one of a name written twice."""
        return self._exact.get(name, self.by_name.get(normal(name)))

    def links(self, part: str) -> dict[str, Relationship]:
        """The relationships of a part by id; none where it has no relationships part."""
        folder, base = posixpath.split(part)
        at = self.find(posixpath.join(folder, "_rels", base + ".rels"))
        if at is None:
            return {}
        return links_of(self.tree(at), folder)

    def main_part(self) -> str:
        """The workbook part's name; UnreadableFile where the package is no workbook."""
        for link in self.links("").values():
            at = self.find(link.target)
            if link.type == "officeDocument" and at is not None:
                return self._checked(link.target, at)
        at = self.find("[Content_Types].xml")
        if at is not None:
            for entry in self.tree(at):
                if local(str(entry.tag)) == "Override" and _MAIN_TYPES.search(entry.get("ContentType", "")):
                    return entry.get("PartName", "").lstrip("/")
        if self.find("xl/workbook.xml") is not None:
            return "xl/workbook.xml"
        if self.find("xl/workbook.bin") is not None:
            raise guard.unsupported("The binary format .xlsb")
        if any(name.startswith("xl/") for name in self.by_name):
            raise guard.broken("its workbook part is missing")
        raise guard.not_a_spreadsheet()

    def _checked(self, main: str, at: int) -> str:
        if main.lower().endswith(".bin"):
            raise guard.unsupported("The binary format .xlsb")
        if local(str(self.tree(at).tag)) != "workbook":
            raise guard.not_a_spreadsheet()
        return main

    def tree(self, at: int) -> Element:
        """The member at an index, parsed; one that is spliced as text must be text, too."""
        source, name = self.archive.bytes_of(at), self.archive.members[at].text
        decode_part(source, name)
        return parse(source, name, self.archive.limits)


def open_package(archive: Archive) -> tuple[Parts, str, list[SheetEntry], dict[str, int]]:
    """(parts, workbook part, sheets, members by role) of a workbook's archive; UnreadableFile."""
    parts = Parts(archive)
    main = parts.main_part()
    at = parts.find(main)
    if at is None:
        raise guard.broken("its workbook part is missing")
    links = parts.links(main)
    roles = {"workbook": at}
    folder, base = posixpath.split(main)
    for role, name in (
        ("workbookRels", f"{folder}/_rels/{base}.rels"),
        ("contentTypes", "[Content_Types].xml"),
    ):
        if (found := parts.find(name)) is not None:
            roles[role] = found
    defaults = {"sharedStrings": "sharedStrings.xml", "styles": "styles.xml", "theme": "theme/theme1.xml"}
    for role in _ROLES:
        targets = [link.target for link in links.values() if link.type == role and not link.external]
        if role in defaults:
            targets.append(posixpath.join(folder, defaults[role]))
        members = [found for target in targets if (found := parts.find(target)) is not None]
        if members:
            roles[role] = members[0]
    listed = child(parts.tree(at), "sheets")
    entries = [] if listed is None else children(listed, "sheet")
    sheets: list[SheetEntry] = []
    taken: set[int] = set()
    for position, element in enumerate(entries):
        rid = attribute(element, "id") or ""
        link = links.get(rid) or Relationship(
            "worksheet", posixpath.join(folder, f"worksheets/sheet{position + 1}.xml")
        )
        member = parts.find(link.target)
        kind = _KINDS.get(link.type, "macrosheet")
        if member is None or member in taken or member in roles.values():
            member, kind = -1, "missing"
        taken.add(member)
        sheets.append(
            SheetEntry(
                name=element.get("name", f"Sheet{position + 1}"),
                sheet_id=position + 1 if (own := whole(element.get("sheetId"))) is None else own,
                state=_STATES.get(element.get("state"), "visible"),
                kind=kind,
                member=member,
                rid=rid,
            )
        )
    if not sheets:
        raise guard.broken("it has no sheets")
    return parts, main, sheets, roles


def links_of(root: Element, folder: str) -> dict[str, Relationship]:
    """The relationships that a parsed part lists, by id; folder: of the part whose they are."""
    found = {}
    for link in children(root, "Relationship"):
        target, kind = link.get("Target", ""), link.get("Type", "").rpartition("/")[2]
        external = link.get("TargetMode") == "External"
        found[link.get("Id", "")] = Relationship(
            kind, target if external else resolve(folder, target), external
        )
    return found


def normal(name: str) -> str:
    """A part's name as names are compared: forward slashes, no leading one, lower case, unquoted."""
    return unquote(name.replace("\\", "/")).lstrip("/").lower()


def resolve(folder: str, target: str) -> str:
    """The part a relationship's target names, seen from the folder of its source."""
    target = unquote(target.replace("\\", "/"))
    joined = target if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(joined).lstrip("/")
