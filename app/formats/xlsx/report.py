"""What a person should know of an import: what the file holds, and what is carried but not shown."""

import re
from collections.abc import Mapping, Sequence

from app.formats.xlsx.package import Package, normal
from app.formats.xlsx.survey import Survey

_KINDS = {
    "charts": r"/charts/chart[^/]*\.xml$|/chartsheets/[^/]*\.xml$",
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
_DAMAGED_NOTES = "The comments on “{}” are damaged: they are kept in the file but not shown."
_COMPILED = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}


def report(
    package: Package, surveys: Mapping[int, Survey], damaged_notes: Sequence[str] = ()
) -> dict[str, object]:
    """The import report: {sheets: [{name, kind, cells, formulas}], parts: {kind: count}, container: text,
    warnings: [text]}.

    container: "identical" where an unedited download is the file itself, byte for byte; "repacked" where all
    its parts are and the file around them is packed anew. surveys: by sheet, of those that are worksheets.
    damaged_notes: the names of sheets whose comments cannot be read.
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
        "container": "identical" if package.recipe else "repacked",
        "warnings": [*_warnings(package, counts), *map(_DAMAGED_NOTES.format, damaged_notes)],
    }


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
