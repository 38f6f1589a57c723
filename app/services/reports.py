"""What there is to say of the file a revision came from, in words for people."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from app.models.user import User
from app.models.workbook import Workbook
from app.services.revisions import open_revision
from app.store.manifest import Source

_HELD = {
    "styles": ("cell style", "cell styles"),
    "merges": ("merged range", "merged ranges"),
    "links": ("link", "links"),
    "comments": ("sheet with comments", "sheets with comments"),
    "names": ("defined name", "defined names"),
    "filters": ("filter", "filters"),
    "tables": ("table", "tables"),
    "conditional_formats": ("conditional format", "conditional formats"),
    "validations": ("data validation", "data validations"),
    "charts": ("chart", "charts"),
    "pivots": ("pivot table", "pivot tables"),
    "images": ("image", "images"),
    "drawings": ("drawing", "drawings"),
    "macros": ("macro project", "macro projects"),
    "external_links": ("link to another workbook", "links to other workbooks"),
    "connections": ("data connection", "data connections"),
    "controls": ("form control", "form controls"),
    "embedded_files": ("embedded file", "embedded files"),
    "custom_xml": ("piece of custom data", "pieces of custom data"),
    "signatures": ("digital signature", "digital signatures"),
}
_SHOWN = ("styles", "merges", "links", "comments")
"""What the grid shows; all else is carried in the file."""
_SAYS = {
    "encoding": "Text encoding",
    "delimiter": "Fields divided by",
    "quoting": "Quotation marks",
    "line_ends": "Line ends",
}
_WORDS: Mapping[Any, str] = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "bars",
    "minimal": "where needed",
    "all": "around every field",
    "text": "around texts",
}
_CONTAINERS = {
    "identical": "Without edits, it downloads as the same file, byte for byte.",
    "repacked": "Without edits, every part downloads byte for byte; only the zip around them is packed anew.",
}


class SheetFacts(NamedTuple):
    """A sheet of the file. cells and formulas: how many; kind: "worksheet", or what else it is."""

    name: str
    kind: str
    cells: int
    formulas: int


class FileReport(NamedTuple):
    """The file of a revision: what it holds, in words.

    source: the file; None for a workbook that was made here. facts: (what, how it is). shown, carried:
    (how many, of what): what the grid shows, and what is kept in the file without being shown. notes: what
    a reader should know. raw: the report as the file's reader made it.
    """

    workbook: Workbook
    number: int
    source: Source | None
    sheets: list[SheetFacts]
    facts: list[tuple[str, str]]
    shown: list[tuple[int, str]]
    carried: list[tuple[int, str]]
    notes: list[str]
    raw: dict[str, Any]


def file_report(actor: User, workbook_id: UUID, number: int | None) -> FileReport:
    """The report on the file that a revision (the head where the number is None), or one before it, came
    from. Raises NotFound and RevisionNotFound."""
    workbook, _, revision, state = open_revision(actor, workbook_id, number)
    raw: dict[str, Any] = state.report
    counts = {**raw.get("features", {}), **raw.get("parts", {})}
    told = {kind: (count, _HELD[kind][count != 1]) for kind, count in counts.items() if kind in _HELD}
    sheets = [
        SheetFacts(one["name"], one["kind"], one["cells"], one["formulas"]) for one in raw.get("sheets", [])
    ]
    facts = [
        (what, str(_WORDS.get(raw[key], raw[key]))) for key, what in _SAYS.items() if raw.get(key) is not None
    ]
    notes = [*raw.get("warnings", [])]
    if raw.get("container") in _CONTAINERS:
        notes.append(_CONTAINERS[raw["container"]])
    return FileReport(
        workbook,
        revision.number,
        state.manifest.source,
        sheets,
        facts,
        [told[kind] for kind in _HELD if kind in told and kind in _SHOWN],
        [told[kind] for kind in _HELD if kind in told and kind not in _SHOWN],
        notes,
        raw,
    )
