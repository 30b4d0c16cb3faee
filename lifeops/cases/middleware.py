"""Refusals become pages: 403 with reasons and who can, 409 with the differences; never a bare error."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from lifeops.cases.errors import Invalid, KeyReused, Refused, Stale

SENT_ONLY = "这个地址只用于提交，请从页面上的按钮办理"


class NotDoneMiddleware:
    """Answers what the one door refuses, where a view has not done so itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.status_code == 405 and request.method == "GET" and not answer.content:
            # the page a refused act led to, asked for again: a browser shows its own words where there are none
            told = render(request, "409.html", {"reasons": [SENT_ONLY], "back": came_from(request)}, status=405)
            told["Allow"] = answer["Allow"]
            return told
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        fragment = bool(request.headers.get("HX-Request"))
        if isinstance(error, Refused):
            template = "parts/_refusal.html" if fragment else "403.html"
            who = "" if holds_already(request, error.who) else error.who
            return render(request, template, {"reasons": error.reasons, "who": who, "back": came_from(request)}, status=403)
        if isinstance(error, Stale):
            return render(request, "cases/conflict.html", {"error": error, "typed": {}}, status=409)
        if isinstance(error, KeyReused):
            return render(request, "409.html", {"reasons": [str(error)], "back": came_from(request)}, status=422)
        if isinstance(error, Invalid):
            return render(request, "400.html", {"errors": error.errors, "reasons": [str(error)], "back": came_from(request)}, status=400)
        if isinstance(error, ValueError) and "NUL (0x00)" in str(error):
            # PostgreSQL has no such character; whatever brought it, nothing was saved
            return render(request, "400.html", {"reasons": ["输入中含有无法识别的控制字符，请删除后重试"]}, status=400)
        return None


def came_from(request: HttpRequest) -> str:
    """The page of ours on which the refused act was taken, or nothing."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(referer)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return "" if path == request.get_full_path() else path


def holds_already(request: HttpRequest, who: str) -> bool:
    """Whether "who can" names a post the person has: then the reason is another, and the words would only confuse."""
    return who in (getattr(request.user, "role_labels", None) or [])
