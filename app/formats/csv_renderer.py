"""Values as the text of CSV records: the one canonical way to write a row in a dialect."""

from collections.abc import Sequence

from app.formats.csv_dialect import Dialect
from app.sheet.cell import RichText, Value, plain_text


class Renderer:
    """Renders values in a dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._delimiter = dialect.delimiter
        self._quoting = dialect.quoting
        self._special = (dialect.delimiter, '"', "\r", "\n")
        self._empty = '""' if dialect.quoted_empty else ""

    def field(self, value: Value) -> str:
        """One field. Text of no characters is quoted, which tells it from an empty cell."""
        if value is None:
            return self._empty
        text = plain_text(value)
        if (
            self._quoting == "all"
            or (self._quoting == "text" and isinstance(value, str | RichText))
            or not text
            or any(character in text for character in self._special)
        ):
            return '"' + text.replace('"', '""') + '"'
        return text

    def record(self, values: Sequence[Value]) -> str:
        """The fields of one record, without its line end."""
        if self._quoting == "minimal":
            texts = [value if type(value) is str and value else self.field(value) for value in values]
            line = self._delimiter.join(texts)
            if (
                '"' not in line
                and "\n" not in line
                and "\r" not in line
                and line.count(self._delimiter) == len(texts) - 1
            ):
                return line
        return self._delimiter.join(map(self.field, values))
