"""A package that is changed: parts replaced by splices, added and left out, and the links between them."""

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from app.formats.xlsx.markup import local
from app.formats.xlsx.member import Member
from app.formats.xlsx.package import Package, Relationship, normal, resolve
from app.formats.xlsx.part_source import Element, PartSource

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_UTF8 = 0x800


class PackageEdit:
    """A package and its parts with what is changed in them.

    Parts keep their indexes: a part that is left out only loses its place in the zip file, a new one comes
    behind the last. So what was left out can be put in its place again.
    """

    def __init__(self, package: Package, parts: Sequence[bytes]) -> None:
        self.package = package
        self._parts = parts
        self._count = len(parts)
        self._new: dict[int, bytes] = {}
        self._sources: dict[int, PartSource] = {}
        self._linked: set[str] = set()

    def changed(self) -> dict[int, bytes]:
        """The parts that differ, or are new, by their index."""
        spliced = {at: source.part() for at, source in self._sources.items()}
        return self._new | {at: part for at, part in spliced.items() if part != self.part(at)}

    def part(self, at: int) -> bytes:
        """The part of an index, before its splices."""
        return self._new[at] if at in self._new else self._parts[at]

    def replace(self, at: int, part: bytes) -> None:
        """Put another part in the place of one that is not spliced."""
        if part != self.part(at):
            self._new[at] = part

    def source(self, at: int) -> PartSource:
        """A part to be spliced. Raises UnreadableFile where it is damaged."""
        if at not in self._sources:
            self._sources[at] = PartSource(self.part(at), self.name(at))
        return self._sources[at]

    @property
    def workbook(self) -> PartSource:
        """The workbook part, to be spliced."""
        return self.source(self.package.roles["workbook"])

    def name(self, place: int) -> str:
        """The name of the part of an index, or of the n-th sheet's where that is ``-1 - n``."""
        return self.package.members[self.package.places.index(place)].text.replace("\\", "/")

    def styles(self) -> bytes:
        """The styles part; one without styles where the package has none."""
        at = self.package.roles.get("styles")
        if at is not None:
            return self.part(at)
        return f'<styleSheet xmlns="{self.main_namespace()}"/>'.encode()

    def replace_styles(self, part: bytes) -> None:
        """Put another styles part in the place of the one there is, if there is one."""
        at = self.package.roles.get("styles")
        if at is None:
            at = self.add_part(posixpath.join(self.folder(), "styles.xml"), part, CONTENT_TYPE + "styles+xml")
            self.link("styles", "styles.xml")
            self.package = replace(self.package, roles=self.package.roles | {"styles": at})
        else:
            self.replace(at, part)

    @property
    def workbook_name(self) -> str:
        """The name of the workbook part."""
        return self.name(self.package.roles["workbook"])

    def folder(self) -> str:
        """The folder of the workbook part."""
        return posixpath.dirname(self.workbook_name)

    def has(self, at: int, part: bytes) -> bool:
        """Whether a part, in the zip file or not, is the one of an index."""
        return at < self._count and self.part(at) == part

    def content_types(self) -> dict[str, str]:
        """What the contents of parts are said to be one by one, by the parts' names as compared."""
        at = self.package.roles.get("contentTypes")
        found = [] if at is None else self.source(at).root.all("Override")
        return {normal(said.get("PartName")): said.get("ContentType") for said in found}

    def main_namespace(self) -> str:
        """The namespace of the workbook's elements, which differs in strict files."""
        root = self.workbook.root
        return root.attributes.get(f"xmlns:{root.prefix[:-1]}" if root.prefix else "xmlns", MAIN)

    def add_part(self, name: str, part: bytes, content_type: str) -> int:
        """Add a part; its index."""
        at, self._count = self._count, self._count + 1
        self._new[at] = part
        self.add_member(name, at)
        self.declare(name, content_type)
        return at

    def add_member(self, name: str, place: int) -> None:
        """Give a part, or a sheet, its place behind all others in the zip file."""
        member = Member(name=name.encode(), flags=0 if name.isascii() else _UTF8)
        members, places = [*self.package.members, member], [*self.package.places, place]
        self.package = replace(self.package, members=members, places=places, recipe=None)

    def declare(self, name: str, content_type: str) -> None:
        """Say of what type the content of a part is."""
        at = self.package.roles.get("contentTypes")
        if at is not None:
            types = self.source(at)
            attributes = {"PartName": f"/{name}", "ContentType": content_type}
            types.append(types.root, Element(types.root.prefix + "Override", attributes).source())

    def link(self, kind: str, target: str) -> str:
        """Link the workbook part to another; the new link's id. target: as seen from the workbook part."""
        rels = self.source(self._workbook_rels())
        links = rels.root.all("Relationship")
        known = {link.get("Id").lower() for link in links} | self._linked
        number = len(links) + 1
        while f"rid{number}" in known:
            number += 1
        bases = (link.get("Type").rpartition("/")[0] for link in links if link.get("Type").endswith("sheet"))
        attributes = {"Id": f"rId{number}", "Type": f"{next(bases, OFFICE)}/{kind}", "Target": target}
        rels.append(rels.root, Element(rels.root.prefix + "Relationship", attributes).source())
        self._linked.add(f"rid{number}")
        return attributes["Id"]

    def unlink(self, rid: str) -> None:
        """Take a link of the workbook part away."""
        rels = self.source(self._workbook_rels())
        for link in rels.root.all("Relationship"):
            if link.get("Id") == rid:
                rels.remove(link)
                rels.root.children.remove(link)

    def links(self, part: str) -> dict[str, Relationship]:
        """The links of the part of a name to other parts, by id; those of the package itself for an empty
        name."""
        folder = posixpath.dirname(part)
        at = self.package.part_named(rels_of(part))
        if at is None:
            return {}
        return {
            link.get("Id"): Relationship(
                link.get("Type").rpartition("/")[2], resolve(folder, link.get("Target"))
            )
            for link in self.source(at).root.all("Relationship")
            if link.get("TargetMode") != "External"
        }

    def reached(self, *parts: str, beyond: str | None = None) -> set[str]:
        """The parts that parts of a name lead to, themselves included, by their names as compared.

        beyond: a part whose own links are not followed.
        """
        found: set[str] = set()
        ahead = list(parts)
        while ahead:
            part = ahead.pop()
            if normal(part) not in found:
                found.add(normal(part))
                if beyond is not None and normal(part) == normal(beyond):
                    continue
                ahead += [link.target for link in self.links(part).values()]
        return found

    def leave_out(self, names: Iterable[str]) -> None:
        """Take parts and their own links out of the zip file, and what is said of their content."""
        gone = {normal(name) for name in names}
        gone |= {normal(rels_of(name)) for name in gone}
        kept = [at for at, member in enumerate(self.package.members) if normal(member.text) not in gone]
        new = {old: at for at, old in enumerate(kept)}
        self.package = replace(
            self.package,
            sheets=[replace(sheet, member=new.get(sheet.member, -1)) for sheet in self.package.sheets],
            members=[self.package.members[at] for at in kept],
            places=[self.package.places[at] for at in kept],
            recipe=None,
        )
        types = self.package.roles.get("contentTypes")
        for said in self._overrides(types) if types is not None else ():
            if normal(said.get("PartName")) in gone:
                self.source(types or 0).remove(said)

    def _overrides(self, types: int) -> Iterator[Element]:
        return (child for child in self.source(types).root.children if local(child.name) == "Override")

    def _workbook_rels(self) -> int:
        """The index of the part of the workbook's links, which is added where it is missing."""
        at = self.package.roles.get("workbookRels")
        if at is None:
            at, self._count = self._count, self._count + 1
            self._new[at] = f'<Relationships xmlns="{_RELATIONSHIPS}"/>'.encode()
            self.add_member(rels_of(self.workbook_name), at)
            self.package = replace(self.package, roles=self.package.roles | {"workbookRels": at})
        return at


def rels_of(part: str) -> str:
    """The name of the part that has the links of a part of a name."""
    folder, base = posixpath.split(part)
    return posixpath.join(folder, "_rels", base + ".rels")
