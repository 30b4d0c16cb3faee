"""规则结果 of a case: run a line's rules, keep value and limit, keep who let a warning pass and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case, Finding
from lifeops.cases.registry import resolve
from lifeops.org.models import User
from lifeops.org.statements import insert_many, read


@dataclass(frozen=True)
class FindingSpec:
    """What one rule found: `level` pass, warn or block; `value` found and `limit` it was held against, as text."""

    code: str
    level: str
    message: str
    value: str = ""
    limit: str = ""
    source: str = ""


def evaluate_rules(case: Case, now: datetime) -> list[FindingSpec]:
    """The line's rules on the case as it is now, and what the lists say of its people; nothing is stored."""
    from lifeops.cases.screened import rows_of

    listed = [FindingSpec(t.code, t.level, t.message, t.value, t.limit, t.source) for t in rows_of(case, now)]
    heavy, light = [f for f in listed if f.level != "pass"], [f for f in listed if f.level == "pass"]
    return [*heavy, *resolve(case.line_spec.rules)(case, case.record, now), *light]


def store_findings(case: Case, stage: str, specs: list[FindingSpec]) -> list[Finding]:
    """Keep a run. Overrides of warnings whose value has not changed stay; others must be given again."""
    with transaction.atomic(savepoint=False):
        old = {f.code: f for f in read(Finding, "case_id = %s AND stage = %s", [case.pk, stage])}
        if old:
            case.findings.filter(stage=stage).delete()
        rows = []
        for spec in specs:
            row = Finding(
                case=case,
                stage=stage,
                code=spec.code,
                level=spec.level,
                message=spec.message,
                value=spec.value,
                limit=spec.limit,
                source=spec.source,
            )
            before = old.get(spec.code)
            if before and before.override_reason and (before.level, before.value) == (row.level, row.value):
                row.overridden_by_id, row.override_reason = before.overridden_by_id, before.override_reason
            rows.append(row)
        insert_many(rows)
    case.forget("reason_kept")
    return rows


def override(findings: list[Finding], reasons: dict[str, str], actor: User) -> list[dict[str, Any]]:
    """Let warnings pass with a reason each; Invalid where one is missing, or where a block stands."""
    errors: dict[str, list[str]] = {}
    passed = []
    for row in findings:
        if row.level == Finding.Level.BLOCK:
            errors[f"override_{row.code}"] = [f"{row.message}：须更正后再办理，不能放行"]
        elif row.level == Finding.Level.WARN and not row.override_reason:
            reason = reasons.get(row.code, "").strip()
            if not reason:
                errors[f"override_{row.code}"] = [f"{row.message}：请写明放行理由"]
                continue
            row.overridden_by, row.override_reason = actor, reason
            row.save(update_fields=["overridden_by", "override_reason"])
            passed.append({"code": row.code, "message": row.message, "reason": reason})
    if errors:
        raise Invalid(errors)
    return passed
