"""险种装入: files sent, what they would do told, then loaded by the same person; nothing half."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from lifeops.administration.base import RULE_READERS
from lifeops.administration.products import MOST, ProductFilesForm, confirm, preview, require_loader, versions
from lifeops.api.base import Endpoint, FileEndpoint, read, refuse_unfit
from lifeops.api.documenting import says
from lifeops.api.errors import TooLarge
from lifeops.api.shapes import product as shapes
from lifeops.cases.errors import Invalid, field_errors
from lifeops.policies.loading.faults import Faulty

TAG = "险种"
UPLOAD: dict[str, Any] = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "files": {"type": "array", "items": {"type": "string", "format": "binary"}, "description": "产品文件，或装有它们的一个压缩包（.zip）"},
            "sale_from": {"type": "string", "description": "起售日；不填：新险种自今天，新版本自现版本之后的一天"},
        },
        "required": ["files"],
    }
}


@contextmanager
def faults_at(name: str) -> Iterator[None]:
    """Every fault found, with file and row, at the field."""
    try:
        yield
    except Faulty as error:
        raise Invalid({name: [str(fault) for fault in error.faults]}) from error


class ProductsView(Endpoint):
    """Who loads is asked of the post: rules hold for the whole company."""

    access_roles = RULE_READERS

    @says("products_list", "现有险种版本", tag=TAG, gives={200: shapes.VersionRow(many=True)})
    def get(self, request: Request) -> Response:
        return Response(shapes.VersionRow(versions(), many=True).data)

    @says("products_create", "确认装入预览过的险种（总公司运营主管）", tag=TAG, takes=shapes.ConfirmBody, gives={201: shapes.ProductLoaded})
    def post(self, request: Request) -> Response:
        require_loader(request.user)
        with faults_at("token"):
            loaded = confirm(request.user, read(shapes.ConfirmBody, request)["token"])
        return Response(shapes.ProductLoaded(loaded).data, status=201)


class ProductPreviewView(FileEndpoint):
    access_roles = RULE_READERS

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # before anything of the body is read; form and boundaries beside the files
        if int(request.headers.get("Content-Length") or 0) > MOST + 100_000:
            raise TooLarge(f"一次上传超过 {MOST // 1024 // 1024} MB")
        super().initial(request, *args, **kwargs)

    @says(
        "products_preview", "预览险种文件：全部错误，或将有的变化；不改变任何数据", tag=TAG, takes=UPLOAD, gives={200: shapes.ProductPreview},
        refuses=(413,),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        require_loader(request.user)
        told = dict(request.POST.items())
        refuse_unfit(told)
        request.FILES.setlist("sent", request.FILES.getlist("files"))
        form = ProductFilesForm(told, request.FILES)
        if not form.is_valid():
            raise Invalid({"files" if name == "sent" else name: words for name, words in field_errors(form).items()})
        with faults_at("files"):
            token, bundle = preview(request.user, **form.cleaned_data)
        return Response({**shapes.ProductLoaded(bundle).data, "token": token})
