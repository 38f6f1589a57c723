"""pandas DataFrames out of workbooks."""

from uuid import UUID

import pandas as pd

from app.formats.frames import data_frame
from app.models.user import User
from app.services.revisions import open_revision
from app.services.tables import SheetTable
from app.services.windows import View


def sheet_frame(
    actor: User,
    workbook_id: UUID,
    number: int | None = None,
    sheet: int | None = None,
    *,
    header: bool = True,
) -> pd.DataFrame:
    """A sheet of a revision as a frame: the first sheet of the head where neither is named.

    header: whether the first row names the columns; else they are called by their letters. Raises NotFound,
    RevisionNotFound and SheetNotFound.
    """
    state = open_revision(actor, workbook_id, number).state
    view = View(state, state.sheets[0].id if sheet is None else sheet)
    return data_frame(SheetTable(view, header=header).whole())
