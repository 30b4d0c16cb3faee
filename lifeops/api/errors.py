"""JSON errors: the same refusals as on the pages, with codes other systems can act on."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from lifeops.cases.errors import Invalid, KeyReused, Refused, Stale


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """403 reasons, 409 current version and differences, 400 field errors, 422 key reused."""
    if isinstance(error, Refused):
        return Response({"detail": str(error), "reasons": error.reasons, "who": error.who}, status=403)
    if isinstance(error, Stale):
        return Response({"detail": str(error), "version": error.current, "differences": error.differences}, status=409)
    if isinstance(error, Invalid):
        return Response({"detail": str(error), "errors": error.errors}, status=400)
    if isinstance(error, KeyReused):
        return Response({"detail": str(error)}, status=422)
    return exception_handler(error, context)
