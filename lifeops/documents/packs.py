"""批打: letters of 问题件 that wait for print as one file, under a list of what is in it with room for signatures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import pypdfium2
from django.utils import timezone

from lifeops.cases.errors import NotDone
from lifeops.cases.models import Request
from lifeops.documents.letters import KINDS
from lifeops.documents.papers import REQUEST_KINDS, kept_data, print_request, render
from lifeops.org.models import User

#: Letters of one file; each is set by itself.
MOST = 50


def print_requests(*, items: Sequence[Request], actor: User, now: datetime) -> tuple[bytes, list[tuple[Request, str]]]:
    """The file, empty where nothing could be printed, and what stayed with the reason. Each letter is an act of its own:
    one that is refused holds up no other."""
    done: list[tuple[Request, bytes]] = []
    stayed: list[tuple[Request, str]] = []
    for item in sorted(items, key=lambda r: (r.case.agent_code, r.addressee_name, r.number)):
        try:
            done.append((item, print_request(request=item, actor=actor, now=now)))
        except NotDone as refused:
            stayed.append((item, str(refused)))
    if not done:
        return b"", stayed
    return joined([handout_list(done, actor, now), *(content for _, content in done)]), stayed


def handout_list(done: Sequence[tuple[Request, bytes]], actor: User, now: datetime) -> bytes:
    """发放交接清单: number, customer and last day of every letter, counted and signed for by who takes them out."""
    branch = done[0][0].branch
    papers = [
        {
            "number": item.number, "title": KINDS[REQUEST_KINDS[item.kind]].title, "pages": pages(content),
            "customer": item.addressee_name or item.case.subject_name or "—",
            "note": f"{item.due_on} 前回复" + (f"，代理人 {item.case.agent_code}" if item.case.agent_code else ""),
        }
        for item, content in done
    ]
    data = {
        "number": f"{branch.code}-FF-{timezone.localtime(now):%Y%m%d%H%M%S}", "issued_on": timezone.localdate(now),
        "unit": branch.name, "from_party": f"{branch.short_name} {actor.name}", "to_party": "送达人员", "handed_at": now,
        "papers": papers,
    }  # fmt: skip
    return render("handover_list", kept_data("handover_list", data))


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
