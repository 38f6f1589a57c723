"""Forms about revisions."""

from uuid import UUID, uuid4

from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import Length, NumberRange
from wtforms.widgets import HiddenInput

from app.forms.base import TextForm
from app.services.commits import MAX_MESSAGE
from app.services.history import MAX_VERSION_NAME


class GoBackForm(TextForm):
    """Confirms a restore or a revert; `message` says why.

    key: made with the form, so that sending the form twice makes one revision.
    """

    key = HiddenField(default=lambda: str(uuid4()))
    message = StringField("Message", [Length(max=MAX_MESSAGE)])

    def request_key(self) -> UUID:
        """The key; a new one where it was tampered with."""
        try:
            return UUID(self.key.data)
        except (ValueError, TypeError):
            return uuid4()


class NewVersionForm(GoBackForm):
    """A file that becomes the next revision, made from revision `base`; the file itself is not a field."""

    base = IntegerField(validators=[NumberRange(min=1)], widget=HiddenInput())


class VersionNameForm(TextForm):
    """A name for a revision; empty takes it away."""

    name = StringField("Name", [Length(max=MAX_VERSION_NAME)])
