"""Values as the text of CSV records: the one canonical way to write a row in a dialect."""

import re
from collections.abc import Sequence

from app.formats.csv.dialect import Dialect
from app.sheet.cell import RichText, Value, plain_text


class Renderer:
    """Renders values in a dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._delimiter = dialect.delimiter
        self._quoting = dialect.quoting
        self._needs_quotes = re.compile(rf'[{re.escape(dialect.delimiter)}"\r\n]').search
        self._empty = '""' if dialect.quoted_empty else ""

    def record(self, values: Sequence[Value]) -> str:
        """The fields of one record, without its line end."""
        texts = [
            value if type(value) is str else repr(value) if type(value) is int else plain_text(value)
            for value in values
        ]
        if self._quoting == "minimal" and not self._empty and "" not in values:
            line = self._delimiter.join(texts)
            if (
                '"' not in line
                and "\n" not in line
                and "\r" not in line
                and line.count(self._delimiter) == len(texts) - 1
            ):
                return line  # nothing in it needs quotation marks
        return self._delimiter.join(self.fields(texts, values))

    def fields(self, texts: Sequence[str], values: Sequence[Value]) -> list[str]:
        """The fields of values whose texts (as `plain_text` gives them) are known.

        Text of no characters is quoted, which tells it from an empty cell.
        """
        if self._quoting == "all":
            fields = [f'"{text}"' if '"' not in text else _quoted(text) for text in texts]
        elif self._quoting == "text":
            fields = [
                _quoted(text) if isinstance(value, str | RichText) or self._needs_quotes(text) else text
                for text, value in zip(texts, values, strict=True)
            ]
        else:
            needs_quotes = self._needs_quotes
            fields = [_quoted(text) if needs_quotes(text) else text for text in texts]
        if "" in texts:
            for at, (text, value) in enumerate(zip(texts, values, strict=True)):
                if not text:
                    fields[at] = self._empty if value is None else '""'
        return fields

    def field(self, value: Value) -> str:
        """One field."""
        return self.fields([plain_text(value)], [value])[0]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
