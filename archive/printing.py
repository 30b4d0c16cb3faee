"""盒签, 卷封面 and 借阅单: papers of the archive, made from the rows each time; no copy is counted."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from archive.models import Loan, Volume
from lifeops.cases.errors import Invalid
from lifeops.documents.checklists import completeness
from lifeops.documents.letters.schema import show_day
from lifeops.documents.models import ChecklistRow
from lifeops.documents.papers import kept_data, render

RULES = (
    "不得拆卷、涂改、折叠、转借；复制须另行批准。",
    "到期未还的，档案岗催还并报告批准人。",
)


def made(kind: str, data: dict[str, Any]) -> bytes:
    return render(kind, kept_data(kind, data))


def kept_words(until: date | None) -> str:
    return f"至 {show_day(until)}" if until else "长期"


def box_label(volume: Volume) -> bytes:
    """Spine and front of the box: its first and last volume, how many lie in it, the longest time of keeping."""
    rows = Volume.objects.filter(branch=volume.branch, box=volume.box)
    inside = list(rows.select_related("case").order_by("pk"))
    lines = {v.case.get_line_display() for v in inside}
    ends = [v.keep_until for v in inside]
    last = None if None in ends else max(e for e in ends if e)
    return made(
        "box_label",
        {
            "number": f"{volume.branch.code}-{volume.box}", "issued_on": timezone.localdate(), "unit": volume.branch.name,
            "archive": volume.branch.short_name, "line": lines.pop() if len(lines) == 1 else "综合",
            "year": timezone.localtime(inside[0].filed_at).year, "retention": kept_words(last),
            "first_volume": inside[0].number, "last_volume": inside[-1].number, "volume_count": len(inside),
            "place": f"{volume.shelf} 架 {volume.box} 盒",
        },
    )


def cover(volume: Volume) -> bytes:
    """档案封面, 卷内目录 from the papers bound in, 备考表 with what is missing and why."""
    case = volume.case
    filed = {r.pk: r for r in ChecklistRow.objects.filter(case_id=case.pk)}
    entries, page = [], 1
    for row in completeness(case):
        pages = row.expected or 1
        if filed[row.row_id].filed:
            entries.append({"name": row.label, "first_page": page, "last_page": page + pages - 1, "note": row.received_label})
            page += pages
    if not entries:
        raise Invalid({"entries": ["卷内没有登记入卷的资料，不能打印卷内目录"]})
    back = [r for r in filed.values() if r.given_back_at]
    notes = [f"不齐原因：{volume.gap_reason}"] if volume.gap_reason else []
    notes += [f"{r.label}原件已于 {show_day(timezone.localdate(r.given_back_at))} 退还 {r.given_back_to}" for r in back]
    return made(
        "archive_cover",
        {
            "number": volume.number, "issued_on": timezone.localdate(volume.filed_at), "unit": volume.branch.name,
            "case_number": case.number, "title": f"{case.subject_name or '客户'} {case.item_label}",
            "line": case.get_line_display(), "year": timezone.localtime(volume.filed_at).year,
            "policy_number": case.policy.number if case.policy else "", "customer": case.subject_name,
            "closed_on": timezone.localdate(case.archived_at or volume.filed_at),
            "retention": kept_words(volume.keep_until), "keep_until": volume.keep_until, "place": volume.place, "entries": entries,
            "condition": "\n".join(notes) or "卷内资料齐全。", "compiled_by": volume.filed_by.name,
        },
    )


def slip_number(loan: Loan) -> str:
    return f"JY-{loan.volume.branch.code}-{loan.pk:06d}"


def borrow_slip(loan: Loan) -> bytes:
    volume, borrower = loan.volume, loan.borrower
    lent = timezone.localdate(loan.lent_at) if loan.lent_at else timezone.localdate()
    return made(
        "borrow_slip",
        {
            "number": slip_number(loan), "issued_on": lent, "unit": volume.branch.name, "case_number": volume.case.number,
            "borrower": borrower.name, "borrower_no": borrower.staff_no,
            "borrower_unit": borrower.branch.name if borrower.branch else "—", "purpose": loan.purpose,
            "volumes": [{"number": volume.number, "title": f"{volume.case.subject_name or '客户'} {volume.case.item_label}"}],
            "borrowed_on": lent, "due_on": loan.due_on, "approved_by": loan.decided_by.name if loan.decided_by else "",
            "rules": list(RULES),
        },
    )
