"""Files on their way to the user."""

from uuid import UUID

from flask import Response, request, send_file
from werkzeug.http import quote_etag

from app.routes.actor import actor
from app.services.exports import Export, Wanted


def download(workbook_id: UUID, number: int | None) -> Response:
    """The answer to a request for a revision as a file, in the form that its query asks for.

    Always a download, under its name in any script (RFC 6266). A client that has the file is told so before
    it is made again. Raises what `Export` does.
    """
    sheet = request.args.get("sheet", "")
    wanted = Wanted(
        request.args.get("format", "xlsx"),
        int(sheet) if sheet.isascii() and sheet.isdigit() else None,
        every_sheet=sheet == "all",
        raw=request.args.get("values") == "raw",
        safe=request.args.get("safe") == "1",
    )
    export = Export(actor(), workbook_id, number, wanted)
    if request.if_none_match.contains_weak(export.tag):
        response = Response(status=304)
    else:
        made = export.make()
        response = send_file(made.file, made.media_type, as_attachment=True, download_name=made.name)
        response.content_length = made.file.seek(0, 2)
        made.file.seek(0)
        response.call_on_close(made.file.close)
    response.headers["ETag"] = quote_etag(export.tag, weak=not export.is_exact)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
