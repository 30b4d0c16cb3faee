"""JSON errors: the same refusals as on the pages, with codes other systems can act on."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from lifeops.cases.errors import Invalid, KeyReused, Refused, Stale
from lifeops.policies.errors import BookRefused

CONTROL = "输入中含有无法识别的控制字符，请删除后重试"
#: Of the table of idempotency keys; two requests met in the same moment.
KEY_ONCE = "idempotency_once"


class TooMany(exceptions.APIException):
    """429 without a wait that could be told: locked out."""

    status_code = 429
    default_detail = "登录失败次数过多，账号已暂时锁定，请稍后再试"


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = "请求过大，请分批提交"


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """403 reasons, 409 current version and differences, 400 field errors, 422 key reused."""
    if isinstance(error, Refused):
        return Response({"detail": str(error), "reasons": error.reasons, "who": error.who}, status=403)
    if isinstance(error, BookRefused):
        return Response({"detail": str(error), "reasons": error.reasons, "who": ""}, status=403)
    if isinstance(error, Stale):
        return Response({"detail": str(error), "version": error.current, "differences": error.differences}, status=409)
    if isinstance(error, Invalid):
        return Response({"detail": str(error), "errors": error.errors}, status=400)
    if isinstance(error, KeyReused) or (isinstance(error, IntegrityError) and KEY_ONCE in str(error)):
        return Response({"detail": str(KeyReused())}, status=422)
    if isinstance(error, ValueError) and "NUL (0x00)" in str(error):
        return Response({"detail": CONTROL}, status=400)
    if isinstance(error, exceptions.ValidationError):
        found = flat(error.detail)
        # the messages of a shape do not say whose they are: 该字段是必填项
        told = [m if name == "__all__" else f"{name}：{m}" for name, row in found.items() for m in row]
        return Response({"detail": "；".join(told), "errors": found}, status=400)
    if isinstance(error, exceptions.Throttled):
        response = exception_handler(error, context)
        assert response is not None
        response.data = {"detail": f"请求过于频繁，请在 {int(error.wait or 60)} 秒后重试"}
        return response
    return exception_handler(error, context)


def flat(detail: Any, name: str = "") -> dict[str, list[str]]:
    """Nested messages of a serializer as "applicant.name" → messages; what belongs to no field under `__all__`."""
    found: dict[str, list[str]] = {}
    if isinstance(detail, dict):
        for key, value in detail.items():
            inner = "" if key == "non_field_errors" else str(key)
            found.update(flat(value, ".".join(part for part in (name, inner) if part)))
    elif isinstance(detail, list) and any(isinstance(row, dict) for row in detail):
        for number, row in enumerate(detail):
            found.update(flat(row, f"{name}.{number}"))
    else:
        rows = detail if isinstance(detail, list) else [detail]
        found.setdefault(name or "__all__", []).extend(str(row) for row in rows)
    return found
