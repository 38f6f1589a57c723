"""Answers to uploads: when a file has been read in, or line by line while it is."""

import json
from collections.abc import Callable, Generator, Iterator
from io import BytesIO
from typing import Any, BinaryIO, TypeVar, cast

from flask import Response, current_app, request, stream_with_context
from flask.typing import ResponseReturnValue

from app.errors import problem_of
from app.routes.api.body import BadBody
from app.services.imports import finish

_LINES = "application/x-ndjson"

_Made = TypeVar("_Made")


def uploaded() -> tuple[BinaryIO, str]:
    """The file of a multipart request, which the caller closes, and its name. Raises BadBody."""
    upload = request.files.get("file")
    if upload is None:
        raise BadBody("a multipart request needs the file in its field “file”")
    # A request closes its files when it ends, which is before a streamed answer begins.
    file, upload.stream = cast(BinaryIO, upload.stream), BytesIO()
    return file, upload.filename or "upload"


def answer(
    file: BinaryIO,
    reading: Generator[float, None, _Made],
    tell: Callable[[_Made], tuple[dict[str, Any], int]],
) -> ResponseReturnValue:
    """What is made of a file, as `tell` gives it with its status.

    A client that accepts application/x-ndjson is told how far reading is, line by line; the last line has
    what was made, as "workbook", or the problem.
    """
    following = _closing(file, reading)
    if request.accept_mimetypes.best_match([_LINES, "application/json"], "application/json") == _LINES:
        return Response(stream_with_context(_lines(following, tell)), mimetype=_LINES)
    return tell(finish(following))


def _closing(file: BinaryIO, reading: Generator[float, None, _Made]) -> Generator[float, None, _Made]:
    with file:
        return (yield from reading)


def _lines(
    reading: Generator[float, None, _Made], tell: Callable[[_Made], tuple[dict[str, Any], int]]
) -> Iterator[str]:
    """Lines of progress; the status has gone out before, so a failure is told in the last line."""
    told = 0.0
    try:
        while True:
            progress = next(reading)
            if progress >= told + 0.01:
                told = progress
                yield json.dumps({"progress": round(progress, 3)}) + "\n"
    except StopIteration as made:
        yield json.dumps({"workbook": tell(made.value)[0]}) + "\n"
    except Exception as error:
        problem = problem_of(error)
        if problem["status"] >= 500:
            current_app.logger.exception("an upload failed")
        yield json.dumps({"problem": problem}) + "\n"
