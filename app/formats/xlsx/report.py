"""What a person should know of an import: what the file holds, and what is carried but not shown."""

import re
from collections.abc import Mapping, Sequence

from app.formats.xlsx.package import Package, normal
from app.formats.xlsx.survey import Survey

_KINDS = {
    "charts": r"/charts/chart[^/]*\.xml$",
    "pivots": r"/pivottables/[^/]*\.xml$",
    "images": r"/media/[^/]+\.(png|jpe?g|gif|bmp|emf|wmf|tiff?|svg|webp)$",
    "drawings": r"/drawings/drawing[^/]*\.xml$",
    "macros": r"vbaproject\.bin$",
    "comments": r"/comments?[^/]*\.xml$|/threadedcomments/",
    "tables": r"/tables/table[^/]*\.xml$",
    "external_links": r"/externallinks/[^/]*\.xml$",
    "connections": r"/connections\.xml$|/querytables/",
    "controls": r"/(activex|ctrlprops)/[^/]*\.xml$",
    "embedded_files": r"/embeddings/",
    "custom_xml": r"^customxml/item[0-9]*\.xml$",
    "signatures": r"^_xmlsignatures/[^/]*\.xml$",
}
_IN_SHEETS = {
    "merges": "mergeCell",
    "links": "hyperlink",
    "conditional_formats": "conditionalFormatting",
    "validations": "dataValidation",
    "filters": "autoFilter",
}
_MARKS = {
    kind: re.compile(rf"<(?:[\w.-]+:)?{element}[\s>/]".encode()) for kind, element in _IN_SHEETS.items()
}
_NAME = re.compile(rb"<(?:[\w.-]+:)?definedName[\s>]")
_STYLES = re.compile(rb"<(?:[\w.-]+:)?cellXfs[^>]*>(.*?)</(?:[\w.-]+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:[\w.-]+:)?xf[\s>/]")
_DAMAGED_NOTES = "The comments on “{}” are damaged: they are kept in the file but not shown."
_COMPILED = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}


def report(
    package: Package,
    surveys: Mapping[int, Survey],
    parts: Sequence[bytes] = (),
    damaged_notes: Sequence[str] = (),
) -> dict[str, object]:
    """The import report.

    {sheets: [{name, kind, cells, formulas}], parts: {kind: count}, features: {kind: count}, container: text,
    warnings: [text]}

    parts counts files inside the file, features what its sheets, its styles and its workbook part say.

    container: "identical" where an unedited download is the file itself, byte for byte; "repacked" where all
    its parts are and the file around them is packed anew. surveys: by sheet, of those that are worksheets.
    parts: what the package refers to. damaged_notes: the names of sheets whose comments cannot be read.
    """
    names = [
        normal(member.text)
        for member, place in zip(package.members, package.places, strict=True)
        if place >= 0 and not member.name.endswith(b"/")
    ]
    counts = {kind: sum(bool(pattern.search(name)) for name in names) for kind, pattern in _COMPILED.items()}
    sheets = [
        {
            "name": entry.name,
            "kind": entry.kind,
            "cells": surveys[n].cells if n in surveys else 0,
            "formulas": surveys[n].formulas if n in surveys else 0,
        }
        for n, entry in enumerate(package.sheets)
    ]
    return {
        "sheets": sheets,
        "parts": {kind: count for kind, count in counts.items() if count},
        "features": _features(package, surveys, parts),
        "container": "identical" if package.recipe else "repacked",
        "warnings": [*_warnings(package, counts), *map(_DAMAGED_NOTES.format, damaged_notes)],
    }


def _features(package: Package, surveys: Mapping[int, Survey], parts: Sequence[bytes]) -> dict[str, int]:
    """How many there are of what is no part of its own, by kind; without those there are none of."""
    counts = {
        kind: sum(len(mark.findall(found.tail)) for found in surveys.values())
        for kind, mark in _MARKS.items()
    }
    workbook, styles = (
        parts[package.roles[role]] if parts and package.roles.get(role, -1) >= 0 else b""
        for role in ("workbook", "styles")
    )
    counts["names"] = len(_NAME.findall(workbook))
    formats = _STYLES.search(styles)
    counts["styles"] = len(_STYLE.findall(formats[1])) if formats else 0
    return {kind: count for kind, count in counts.items() if count}


def _warnings(package: Package, counts: Mapping[str, int]) -> list[str]:
    found = []
    if counts["signatures"]:
        found.append("The file is digitally signed. Any edit makes the signature invalid.")
    if counts["macros"]:
        found.append("The file holds macros. They are kept in the file and never run.")
    if counts["external_links"]:
        found.append("Formulas refer to other workbooks. Their last values are shown.")
    for entry in package.sheets:
        if entry.kind == "missing":
            found.append(f"The sheet “{entry.name}” is listed in the file but its content is missing.")
        elif entry.kind != "worksheet":
            found.append(f"The sheet “{entry.name}” is a {entry.kind}: it is kept in the file but not shown.")
    return found
