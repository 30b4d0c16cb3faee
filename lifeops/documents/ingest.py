"""影像入库: files become documents and pages of a case, or are refused one by one in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.models import Case, Request
from lifeops.cases.needs import labels
from lifeops.cases.perform import lock, record
from lifeops.cases.states import State
from lifeops.documents import storage
from lifeops.documents.models import DocType, Document, Page, Source
from lifeops.documents.names import clean_name
from lifeops.documents.sniffing import MEDIA_TYPES, sniff
from lifeops.documents.storage import FileUnfit, Rendered
from lifeops.org.models import Role, User

#: Who brings papers in: the posts of the unit that took the case.
ADDERS = (Role.SCAN, Role.INTAKE, Role.ENTRY, Role.QUERY, Role.INVESTIGATOR, Role.HEAD)
SAME = "本案已有内容相同的文件“{name}”，未重复入库"


@dataclass(frozen=True)
class FileError:
    """Why one file was not taken."""

    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}：{self.message}"


@dataclass(frozen=True)
class Prepared:
    """A file that is fit: drawn and kept, not yet in the case."""

    name: str
    kind: str
    size: int
    sha256: str
    path: str
    rendered: Rendered
    #: Kind of paper, where it is another than that of the whole batch.
    doc_type: str = ""


def may_add(case: Case, actor: User) -> bool:
    """Whether the person may add and arrange the case's papers now."""
    return not refusals(case, actor)


def refusals(case: Case, actor: User) -> list[str]:
    if not actor.holds(*ADDERS, path=case.branch_path):
        return ["影像由受理机构的扫描、受理、录入、问题件、调查岗或机构主管办理"]
    return ["案件已归档，不能再变更影像"] if case.state == State.ARCHIVED else []


def check_may_add(case: Case, actor: User) -> None:
    reasons = refusals(case, actor)
    if reasons:
        raise Refused(reasons, who=labels(ADDERS))


def ingest(
    *,
    case: Case,
    files: Iterable[Any],
    actor: User,
    now: datetime,
    doc_type: DocType | str | None = None,
    source: str = Source.SCAN,
    request: Request | None = None,
) -> tuple[list[Document], list[FileError]]:
    """Take files (Django `File`s) into a case: original kept, pages re-encoded, one event for all of them.

    Returns what was taken and, per refused file, why. Good files are taken although others are refused.
    Raises Refused when the person may not, Invalid for an unknown type or a request of another case.
    """
    check_may_add(case, actor)
    kind = _doc_type(doc_type)
    if request is not None and request.case_id != case.pk:
        raise Invalid({"request": ["问题件不属于本案"]})
    if source not in Source.values:
        raise Invalid({"source": ["来源不正确"]})
    errors: list[FileError] = []
    ready: list[Prepared] = []
    try:
        for upload in files:
            try:
                ready.append(prepare(upload, case))
            except FileUnfit as unfit:
                errors.append(FileError(clean_name(getattr(upload, "name", "") or ""), str(unfit)))
        # only now the lock: drawing takes seconds, and nobody shall wait for it
        taken, same = add(case=case, ready=ready, actor=actor, now=now, doc_type=kind, source=source, request=request)
        errors += same
    except BaseException:
        for file in ready:
            storage.drop(file.rendered.folder)
        raise
    return taken, errors


@transaction.atomic
def add(
    *, case: Case, ready: list[Prepared], actor: User, now: datetime, doc_type: DocType | None = None, source: str = Source.SCAN,
    request: Request | None = None,
) -> tuple[list[Document], list[FileError]]:
    """Files that are drawn and kept come into the case, one event for all of them; those it holds already stay out."""
    errors: list[FileError] = []
    locked = lock(case.pk)
    check_may_add(locked, actor)
    common = {"request": request, "doc_type": doc_type, "source": source, "uploaded_by": actor, "uploaded_at": now}
    taken = _write_all(locked, ready, errors, common)
    if taken:
        _tell(case, taken, actor, now)
    return taken, errors


def _tell(case: Case, taken: list[Document], actor: User, now: datetime) -> None:
    data = {
        "names": [document.name for document in taken],
        "pages": Page.objects.filter(document__in=taken).count(),
        "supplement": taken[0].supplement,
    }
    record(case, "documents.add", "影像入库", actor=actor, now=now, data=data)


def _doc_type(value: DocType | str | None) -> DocType | None:
    if value is None or isinstance(value, DocType):
        return value
    found = DocType.objects.filter(code=value).first() if value else None
    if value and found is None:
        raise Invalid({"doc_type": ["没有这种资料类型"]})
    return found


def prepare(upload: Any, case: Case) -> Prepared:
    """Look at one file, draw its pages, keep the original. Raises FileUnfit."""
    if (getattr(upload, "size", 0) or 0) > storage.LARGEST:
        raise FileUnfit(storage.TOO_BIG)
    with storage.staged(upload) as file:
        found = sniff(file.path.read_bytes())
        if found.refusal:
            raise FileUnfit(found.refusal)
        same = Document.objects.filter(case_id=case.pk, sha256=file.sha256).first()
        if same:
            raise FileUnfit(SAME.format(name=same.name))
        rendered = storage.render_pages(found.kind, file)
        name = clean_name(getattr(upload, "name", "") or "", found.kind)
        return Prepared(name, found.kind, file.size, file.sha256, storage.keep_original(file), rendered)


def _write_all(
    case: Case, ready: list[Prepared], errors: list[FileError], common: dict[str, Any]
) -> list[Document]:
    """Rows of documents and pages, after the pages that are there. The case is locked by the caller."""
    held = dict(Document.objects.filter(case_id=case.pk).values_list("sha256", "name"))
    last = Page.objects.filter(document__case_id=case.pk).aggregate(m=Max("order"))["m"] or 0
    taken: list[Document] = []
    for file in ready:
        if file.sha256 in held:
            storage.drop(file.rendered.folder)
            errors.append(FileError(file.name, SAME.format(name=held[file.sha256])))
            continue
        held[file.sha256] = file.name
        document = Document.objects.create(
            case_id=case.pk,
            name=file.name,
            media_type=MEDIA_TYPES[file.kind],
            size=file.size,
            sha256=file.sha256,
            path=file.path,
            supplement=case.handed_over_at is not None,
            **common | ({"doc_type_id": file.doc_type} if file.doc_type else {}),
        )
        Page.objects.bulk_create(
            Page(
                document=document,
                index=index,
                doc_type=document.doc_type,
                order=last + index * 10,
                width=width,
                height=height,
                path=file.rendered.page_path(index),
                thumb_path=file.rendered.thumb_path(index),
            )
            for index, (width, height) in enumerate(file.rendered.sizes, start=1)
        )
        last += len(file.rendered.sizes) * 10
        taken.append(document)
    return taken
