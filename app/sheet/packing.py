"""Single values as msgpack, by extension types where msgpack has none of its own."""

from typing import Any

import msgspec

from app.sheet.cell import ErrorValue, LexicalNumber, RichText, Value


class _Extension:
    """msgpack extension types of values that msgpack has no type for."""

    ERROR = 1
    RICH = 2
    LEXICAL = 3
    BIG = 4
    SURROGATES = 5


def pack_value(value: Value) -> Any:
    """The value as msgpack can write it."""
    if type(value) is float or (type(value) is str and value.isascii()):
        return value
    match value:
        case ErrorValue(code):
            return msgspec.msgpack.Ext(_Extension.ERROR, code.encode())
        case RichText(text, markup):
            return msgspec.msgpack.Ext(_Extension.RICH, msgspec.msgpack.encode([text, markup]))
        case LexicalNumber():
            return msgspec.msgpack.Ext(_Extension.LEXICAL, value.text.encode())
        case int() if not -(2**63) <= value < 2**64:
            return msgspec.msgpack.Ext(_Extension.BIG, str(value).encode())
        case str() if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            return msgspec.msgpack.Ext(_Extension.SURROGATES, value.encode("utf-8", "surrogatepass"))
    return value


def unpack_value(value: Any) -> Value:
    """The value msgpack read. Raises ValueError where no value is packed so."""
    if not isinstance(value, msgspec.msgpack.Ext):
        return value  # type: ignore[no-any-return]
    content = bytes(value.data)
    match value.code:
        case _Extension.ERROR:
            return ErrorValue(content.decode())
        case _Extension.RICH:
            return RichText(*msgspec.msgpack.decode(content))
        case _Extension.LEXICAL:
            return LexicalNumber(content.decode())
        case _Extension.BIG:
            return int(content)
        case _Extension.SURROGATES:
            return content.decode("utf-8", "surrogatepass")
    raise ValueError(f"unknown extension {value.code}")
