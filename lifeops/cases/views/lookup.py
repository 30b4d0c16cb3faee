"""Search-as-you-type over the lists of `lifeops.reference`. Nothing about a person is asked or answered."""

from __future__ import annotations

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from lifeops.cases.access import CASE_ROLES, access
from lifeops.cases.lookups import answer
from lifeops.reference.searching import LISTS


@access(*CASE_ROLES)
@require_GET
def find(request: HttpRequest, kind: str) -> JsonResponse:
    """`?q=` by code, words or initials: at most 20 entries, the nearest first."""
    if kind not in LISTS:
        raise Http404("没有这个清单")
    response = JsonResponse({"results": answer(kind, request.GET.get("q", ""))})
    response["Cache-Control"] = "private, max-age=300"
    return response
