"""Forms about revisions."""

from uuid import uuid4

from wtforms import HiddenField, StringField
from wtforms.validators import Length

from app.forms.base import TextForm
from app.services.commits import MAX_MESSAGE
from app.services.history import MAX_VERSION_NAME


class GoBackForm(TextForm):
    """Confirms a restore or a revert; `message` says why.

    key: made with the form, so that sending the form twice makes one revision.
    """

    key = HiddenField(default=lambda: str(uuid4()))
    message = StringField("Message", [Length(max=MAX_MESSAGE)])


class VersionNameForm(TextForm):
    """A name for a revision; empty takes it away."""

    name = StringField("Name", [Length(max=MAX_VERSION_NAME)])
