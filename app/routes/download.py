"""Files on their way to the user."""

from flask import Response, send_file

from app.services.exports import ExportedFile


def download(made: ExportedFile) -> Response:
    """The answer that carries a file: always a download, under its name in any script (RFC 6266)."""
    response = send_file(made.file, made.media_type, as_attachment=True, download_name=made.name)
    response.call_on_close(made.file.close)
    return response
