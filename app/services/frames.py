"""pandas DataFrames out of workbooks, and workbooks out of them."""

from datetime import datetime
from uuid import UUID

import pandas as pd

from app.formats.frames import data_frame, document
from app.formats.guard import DEFAULTS, Limits
from app.models.user import User
from app.models.workbook import Workbook
from app.services.imports import finish, keep
from app.services.revisions import open_revision
from app.services.tables import SheetTable
from app.services.windows import View
from app.services.workbooks import clean_name


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


def create_from_frame(
    actor: User,
    workbook_id: UUID,
    name: str,
    frame: pd.DataFrame,
    *,
    now: datetime,
    limits: Limits = DEFAULTS,
) -> Workbook:
    """Make a frame a new workbook of the actor's, types kept. Raises BadWorkbookName and UnreadableFile."""
    made = document(frame, "Sheet1", limits)
    return finish(keep(actor, workbook_id, clean_name(name), made, None, now, "api"))
