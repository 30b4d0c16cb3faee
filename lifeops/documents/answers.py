"""Files in answer to a request: PDFs and pictures of pages, with the headers under which a browser runs nothing in them."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from lifeops.documents import storage

#: The browser's own reader shows the file; nothing else may be loaded from it.
PDF_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'self'; object-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'none'",
}
#: A picture is nobody else's, runs nothing, and may be shown again for ten minutes.
PICTURE_HEADERS = {
    "Cache-Control": "private, max-age=600",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
}


def pdf(content: bytes, number: str) -> HttpResponse:
    """A letter, shown in place under its number (letters of the alphabet, digits and hyphens only)."""
    name = f"{number}.pdf".encode("ascii", "ignore").decode()
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers=PDF_HEADERS | {"Content-Disposition": f'inline; filename="{name}"'},
    )


def picture(relative: str) -> HttpResponseBase:
    """A file below pages/, always as JPEG. There is no way from here to an original."""
    try:
        stream = storage.page_file(relative).open("rb")
    except (ValueError, OSError):
        raise Http404("影像文件不存在") from None
    response = FileResponse(stream, content_type="image/jpeg", headers=PICTURE_HEADERS)
    # pages come with a session, the interface with a token
    patch_vary_headers(response, ("Cookie", "Authorization"))
    return response
