"""What every endpoint has in common: who may come, what is read, how a repeated request is recognised."""

from __future__ import annotations

import io
import math
import re
from typing import Any, ClassVar

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from lifeops.api.errors import CONTROL, TooLarge
from lifeops.api.permissions import Holds
from lifeops.cases.errors import Invalid
from lifeops.cases.models import CaseQuerySet
from lifeops.cases.paging import queue_page
from lifeops.org.paging import page_by_key
from lifeops.org.requests import whole_number

#: NUL and half characters: the database has no such text.
UNFIT = re.compile("[\x00\ud800-\udfff]")
#: The longest body of JSON that is read: the fullest proposal is a hundredth of it.
MOST_BYTES = 2_000_000
KEY = re.compile(r"[\x21-\x7e]{1,80}")


class CleanJSONParser(JSONParser):
    """JSON without characters that cannot be kept."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        # whatever the header says of its length: no more is read than is taken
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TooLarge
        try:
            try:
                data = super().parse(io.BytesIO(raw), media_type, parser_context)
            except ParseError:
                raise ParseError("请求内容不是有效的 JSON") from None
            refuse_unfit(data)
        except RecursionError:
            raise ParseError("请求内容嵌套过深") from None
        return data


class Whatever(BaseContentNegotiation):
    """Each endpoint has one kind of answer: an Accept header chooses nothing."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        from rest_framework.negotiation import DefaultContentNegotiation

        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Endpoint(APIView):
    """A view of the API. It declares `access_roles`; `roles_by_method` narrows them for one method.

    A new area of work is a module in `views/`, its shapes in `shapes/`, its addresses in `urls.py`.
    """

    permission_classes: ClassVar[list[type[BasePermission]]] = [Holds]
    parser_classes = [CleanJSONParser]
    content_negotiation_class = Whatever
    access_roles: tuple[str, ...] = ()
    roles_by_method: ClassVar[dict[str, tuple[str, ...]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_unfit([list(kwargs.values()), [list(item) for item in request.query_params.items()]])


class FileEndpoint(Endpoint):
    """An endpoint that takes files."""

    parser_classes = [MultiPartParser]


def refuse_unfit(value: Any) -> None:
    """ParseError where a text somewhere in the value holds NUL or half a character, or a number is beyond all that is kept."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ParseError("输入中有过大的数字，请更正后重试")
    if isinstance(value, str):
        if UNFIT.search(value):
            raise ParseError(CONTROL)
    elif isinstance(value, dict):
        for key, inner in value.items():
            refuse_unfit(key)
            refuse_unfit(inner)
    elif isinstance(value, list):
        for inner in value:
            refuse_unfit(inner)


def body(request: Request) -> dict[str, Any]:
    """The JSON object of a request; nothing at all counts as an empty one."""
    data = request.data
    if not isinstance(data, dict):
        raise ParseError("请求内容应为 JSON 对象")
    return dict(data)


def read(shape: type[Serializer], request: Request) -> dict[str, Any]:
    """The body read through a shape; 400 with messages per field."""
    form = shape(data=body(request))
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def key_of(request: Request) -> str:
    """The header Idempotency-Key, at most 80 printable characters."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if key and not KEY.fullmatch(key):
        raise Invalid({"Idempotency-Key": ["幂等键应为 1 至 80 个可打印的英文字符"]})
    return key


def version_of(data: dict[str, Any]) -> int:
    """The version the caller saw; taken out of the body. Required: nobody changes what has not been looked at."""
    value = data.pop("version", None)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Invalid({"version": ["请带上您看到的案件版本（整数）"]})
    return value


def cursor_of(request: Request) -> str:
    """`?cursor=` of a list that goes by key; anything but a key is an error, not a first page."""
    text = request.query_params.get("cursor", "")
    if text and whole_number(text) is None:
        raise Invalid({"cursor": ["翻页标记不正确，请使用上一页给出的 next"]})
    return text


def page_of(rows: Any, request: Request) -> tuple[list[Any], str | None]:
    """A page of rows, newest first, and the cursor of the next one. Costs the same at any depth and counts nothing."""
    page, following = page_by_key(rows, cursor_of(request))
    return page, following or None


def queue_page_of(rows: CaseQuerySet, request: Request) -> tuple[list[Any], str | None]:
    """The same for a list in the order of a queue. A plus sign sent as it is arrives as a space."""
    page, following = queue_page(rows, request.query_params.get("cursor", "").replace(" ", "+"))
    return page, following or None
