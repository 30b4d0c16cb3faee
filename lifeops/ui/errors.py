"""Error pages in the product's own words."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _answer(request: HttpRequest, status: int, words: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": words}, status=status)
    return render(request, f"{status}.html", {"reasons": [words]}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, 400, "请求无法识别")


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, 403, "您没有办理此事的权限")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent with a token that no longer holds: signed in anew elsewhere, or the page lay open too long."""
    answer = _answer(request, 403, "页面已过期，没有提交。请返回并刷新页面后重试")
    answer["X-Form-Expired"] = "1"  # scripts keep the page and offer to sign in
    return answer


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """In the words of the view that found nothing; Django's own are English and tell of models and addresses."""
    said = str(exception.args[0]) if isinstance(exception, Http404) and exception.args else ""
    return _answer(request, 404, said if CHINESE.match(said) else "没有这个页面，或不在您的可见范围内")


def broken(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500, "系统出现错误，已记录；您填写的内容没有丢失，请返回上一页重试")
