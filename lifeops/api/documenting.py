"""How an endpoint is described in the OpenAPI schema: its answers and the refusals all of them share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from lifeops.api.shapes import common as shapes

KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="幂等键，最长 80 个字符。同一人以同一键重复同一请求，得到第一次的结果；换了内容则为 422。",
)
CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="上一页的 next")
REFUSALS: dict[int, Any] = {
    400: OpenApiResponse(shapes.FieldErrors, "输入有误，按字段说明"),
    401: OpenApiResponse(shapes.Problem, "未登录或令牌无效"),
    403: OpenApiResponse(shapes.Refusal, "不能办理：理由与可办理的人"),
    404: OpenApiResponse(shapes.Problem, "没有，或不在您的可见范围内"),
    409: OpenApiResponse(shapes.Conflict, "您查看之后已有变化：现版本与差异"),
    413: OpenApiResponse(shapes.Problem, "过大"),
    415: OpenApiResponse(shapes.Problem, "内容格式不受支持"),
    422: OpenApiResponse(shapes.Problem, "幂等键已用于另一项请求"),
    429: OpenApiResponse(shapes.Problem, "过于频繁或已锁定"),
}
PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}
JPEG = {(200, "image/jpeg"): OpenApiTypes.BINARY}
#: Body of a step: its inputs beside the version seen.
STEP_BODY: dict[str, Any] = {
    "application/json": {
        "type": "object",
        "properties": {"version": {"type": "integer", "minimum": 0, "description": "您看到的版本"}},
        "required": ["version"],
        "additionalProperties": True,
    }
}


#: Field of a form → its type in the schema; others are text.
TYPES: tuple[tuple[type[forms.Field], dict[str, Any]], ...] = (
    (forms.MultipleChoiceField, {"type": "array", "items": {}}),
    (forms.BooleanField, {"type": "boolean"}),
    (forms.DecimalField, {"type": "string", "format": "decimal"}),
    (forms.IntegerField, {"type": "integer"}),
    (forms.DateField, {"type": "string", "format": "date"}),
    (forms.CharField, {"type": "string"}),
)


def form_body(*kinds: type[forms.Form]) -> dict[str, Any]:
    """Body of an act, from the form that reads it; of several forms all fields, none of them required by the schema."""
    properties, required = {}, []
    for kind in kinds:
        for name, field in kind.base_fields.items():
            shape = next((shape for of, shape in TYPES if isinstance(field, of)), {"type": "string"})
            properties[name] = {**shape, "description": str(field.label or name)}
            if field.required and len(kinds) == 1:
                required.append(name)
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return {"application/json": {**found, "required": required} if required else found}


def says(
    name: str,
    summary: str,
    *,
    tag: str,
    takes: Any = None,
    gives: dict[Any, Any],
    refuses: tuple[int, ...] = (),
    parameters: tuple[OpenApiParameter, ...] = (),
    keyed: bool = False,
) -> Callable[[Any], Any]:
    """Describe a method. 400, 401 and 403 belong to every endpoint; 415 and 422 follow from body and key."""
    always = (400, 401, 403, *((415,) if takes is not None else ()), *((409, 422) if keyed else ()))
    codes = dict.fromkeys((*always, *refuses))
    return extend_schema(
        operation_id=name,
        summary=summary,
        tags=[tag],
        request=takes,
        responses={**gives, **{code: REFUSALS[code] for code in codes}},
        parameters=[*parameters, *((KEY,) if keyed else ())],
    )


def query(name: str, description: str, kind: Any = OpenApiTypes.STR, enum: Any = None) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=description, enum=enum)
