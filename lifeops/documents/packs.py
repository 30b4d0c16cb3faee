"""批打: several letters as one file, under a list of what is in it with room for signatures."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import pypdfium2
from django.utils import timezone

from lifeops.cases.errors import NotDone
from lifeops.cases.models import Request
from lifeops.documents.letters import KINDS
from lifeops.documents.papers import REQUEST_KINDS, kept_data, print_request, render
from lifeops.org.models import Branch, User
from lifeops.policies.errors import BookRefused

T = TypeVar("T")
#: Letters of one file; each is set by itself.
MOST = 50


def print_requests(*, items: Sequence[Request], actor: User, now: datetime) -> tuple[bytes, list[tuple[Request, str]]]:
    """Letters of 问题件 that wait for print, by agent and customer, as `pack`."""

    def paper(item: Request) -> dict[str, Any]:
        return {
            "number": item.number, "title": KINDS[REQUEST_KINDS[item.kind]].title,
            "customer": item.addressee_name or item.case.subject_name or "—",
            "note": f"{item.due_on} 前回复" + (f"，代理人 {item.case.agent_code}" if item.case.agent_code else ""),
        }

    ordered = sorted(items, key=lambda r: (r.case.agent_code, r.addressee_name, r.number))
    return pack(
        ordered, lambda item: print_request(request=item, actor=actor, now=now), paper, mark="FF", to_party="送达人员",
        branch_of=lambda item: item.branch, actor=actor, now=now,
    )


def pack(
    items: Sequence[T], print_one: Callable[[T], bytes], paper: Callable[[T], dict[str, Any]], *, mark: str, to_party: str,
    branch_of: Callable[[T], Branch], actor: User, now: datetime,
) -> tuple[bytes, list[tuple[T, str]]]:
    """The file, empty where nothing could be printed, and what stayed with the reason. Each letter is an act of its own:
    one that is refused holds up no other. First comes the 发放交接清单: every letter as `paper` says, counted, and signed
    for by who takes them out."""
    done: list[tuple[T, bytes]] = []
    stayed: list[tuple[T, str]] = []
    for item in items:
        try:
            done.append((item, print_one(item)))
        except (NotDone, BookRefused) as refused:
            stayed.append((item, str(refused)))
    if not done:
        return b"", stayed
    branch = branch_of(done[0][0])
    data = {
        "number": f"{branch.code}-{mark}-{timezone.localtime(now):%Y%m%d%H%M%S}", "issued_on": timezone.localdate(now),
        "unit": branch.name, "from_party": f"{branch.short_name} {actor.name}", "to_party": to_party, "handed_at": now,
        "papers": [paper(item) | {"pages": pages(content)} for item, content in done],
    }  # fmt: skip
    return joined([render("handover_list", kept_data("handover_list", data)), *(content for _, content in done)]), stayed


def pages(content: bytes) -> int:
    document = pypdfium2.PdfDocument(content)
    try:
        return len(document)
    finally:
        document.close()


def joined(parts: Sequence[bytes]) -> bytes:
    """Several PDFs as one."""
    whole, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    for part in parts:
        source = pypdfium2.PdfDocument(part)
        whole.import_pages(source)
        source.close()
    whole.save(out)
    whole.close()
    return out.getvalue()
