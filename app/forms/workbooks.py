"""Forms about a workbook as a whole."""

from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from app.forms.base import TextForm
from app.services.workbooks import MAX_NAME


class NameForm(TextForm):
    """A name for a new workbook, or another one for an old."""

    name = StringField("Name", [InputRequired("Give the workbook a name."), Length(max=MAX_NAME)])


class PurgeForm(TextForm):
    """The workbook's name, typed to confirm that it shall go for good."""

    name = StringField("Type the workbook’s name to confirm", [InputRequired("Type the workbook’s name.")])


class ShareForm(TextForm):
    """Whom to share a workbook with, and as what."""

    email = StringField("E-mail address", [InputRequired("Type an e-mail address."), Length(max=320)])
    role = SelectField("May", choices=[SelectChoice("viewer", "View"), SelectChoice("editor", "Edit")])
