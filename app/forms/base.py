"""What all forms have in common."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict


class TextForm(FlaskForm):
    """A form of text fields, filled from what a page's form sends and from nothing else.

    Flask-WTF would also take files and JSON, and a field that expects text fails on either.
    """

    class Meta(FlaskForm.Meta):
        """Where the values come from."""

        def wrap_formdata(self, _form: FlaskForm, _formdata: Any) -> MultiDict[str, str] | None:
            """The fields of the request's body where it has one, else None: a form that is only shown."""
            return request.form if request.method == "POST" else None
