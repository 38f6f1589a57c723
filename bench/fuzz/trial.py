"""One damaged file through all that an upload, a page, an edit and a download do with it."""

from io import BytesIO

from app.formats import plain_xlsx
from app.formats.guard import UnreadableFile
from app.formats.look import look_of, row_look, sheet_look
from app.store.state import State
from bench.corpus import packages
from bench.corpus.edits import edits
from bench.corpus.files import exported, imported
from bench.fuzz.mutations import case


class Harmed(AssertionError):
    """A file that was taken in did not come back as it was."""


def trial(number: int) -> str:
    """The reason the file of a number was refused for; empty where it was read, and came back whole.

    Raises Harmed, and whatever the product raises that it must not.
    """
    made = case(number)
    try:
        state, _ = imported(made.file, made.name)
    except UnreadableFile as error:
        return error.reason
    _look(state)
    out = exported(state)
    if state.manifest.format == "csv":
        if out != made.file:
            raise Harmed("the text is another")
    elif changed := packages.untouched(packages.members(made.file), packages.members(out)):
        raise Harmed(f"{', '.join(changed)} changed")
    for edit in edits(state, str(number)):
        exported(edit.applied(state))
    plain_xlsx.write(state.document(), BytesIO())
    return ""


def _look(state: State) -> None:
    """Ask for all that a page shows beside the values."""
    format = state.manifest.format
    look = look_of(format, state.manifest.package, lambda: (state.document().package, state.parts))
    for sheet in state.sheets:
        sheet_look(format, sheet.frame, sheet.rows.count, lambda sheet=sheet: state.frame(sheet.id))  # type: ignore[misc]
        for _, row in state.tree(sheet.id).rows():
            row_look(format, row.attributes)
            for style in row.styles:
                look.code(style), look.style(style)
