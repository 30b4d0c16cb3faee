"""Shapes of scans, checklist and letters."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lifeops.api.shapes.common import Person
from lifeops.documents.models import Page


class PaperShape(serializers.Serializer):
    """A row of 资料清单."""

    doc_type = serializers.CharField()
    label = serializers.CharField()
    required = serializers.BooleanField()
    original_required = serializers.BooleanField()
    received = serializers.CharField()
    received_label = serializers.CharField()
    expected = serializers.IntegerField(help_text="应扫页数")
    scanned = serializers.IntegerField(help_text="实扫页数")


class PageShape(serializers.Serializer):
    """A page as the screens show it; `rotation` and `hidden` are view state, the picture does not change."""

    id = serializers.IntegerField()
    index = serializers.IntegerField()
    doc_type = serializers.CharField(source="doc_type_id", allow_null=True)
    order = serializers.IntegerField()
    rotation = serializers.IntegerField()
    hidden = serializers.BooleanField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    image = serializers.SerializerMethodField()
    thumb = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField())
    def get_image(self, page: Page) -> str:
        return reverse("api:page_image", args=[self.context["number"], page.pk])

    @extend_schema_field(serializers.CharField())
    def get_thumb(self, page: Page) -> str:
        return reverse("api:page_thumb", args=[self.context["number"], page.pk])


class DocumentShape(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    doc_type = serializers.CharField(source="doc_type_id", allow_null=True)
    source = serializers.CharField()
    request = serializers.CharField(source="request.number", default=None, allow_null=True)
    supplement = serializers.BooleanField(help_text="交接之后补入")
    uploaded_by = Person()
    uploaded_at = serializers.DateTimeField()
    pages = PageShape(many=True, source="pages.all")


class Papers(serializers.Serializer):
    version = serializers.IntegerField()
    checklist = PaperShape(many=True)
    documents = DocumentShape(many=True)


class FileProblem(serializers.Serializer):
    name = serializers.CharField()
    message = serializers.CharField()


class Ingested(serializers.Serializer):
    version = serializers.IntegerField()
    taken = DocumentShape(many=True)
    errors = FileProblem(many=True, help_text="未入库的文件及原因；其余文件已入库")


class PageBody(serializers.Serializer):
    """Only what is sent changes."""

    rotation = serializers.IntegerField(required=False, min_value=0, max_value=270, help_text="0、90、180、270")
    hidden = serializers.BooleanField(required=False)
    doc_type = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=40)
    order = serializers.IntegerField(required=False, min_value=1, max_value=100_000, help_text="位置，自 1 起")


class CopyShape(serializers.Serializer):
    copy_no = serializers.IntegerField()
    reason = serializers.CharField()
    by = Person()
    at = serializers.DateTimeField()


class LetterShape(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    number = serializers.CharField()
    request = serializers.CharField(source="request.number", default=None, allow_null=True)
    copies = serializers.IntegerField()
    created_by = Person()
    created_at = serializers.DateTimeField()
    prints = CopyShape(many=True, source="prints.all")


class Offered(serializers.Serializer):
    kind = serializers.CharField()
    title = serializers.CharField()


class Letters(serializers.Serializer):
    letters = LetterShape(many=True)
    offered = Offered(many=True, help_text="现在可以出具的文书")


class LetterBody(serializers.Serializer):
    kind = serializers.CharField(max_length=30)
    clock = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1)


class PrintBody(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=200, help_text="第二份起必填")
