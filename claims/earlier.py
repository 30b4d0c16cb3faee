"""合同已由另案解除: what a claim that has rescinded the contract means for another on it, whose event came before (保险法 16 ¶4, ¶5)."""

from __future__ import annotations

from claims.grounds import RESCINDING
from claims.models import ClaimDecision
from lifeops.cases.models import Case
from lifeops.cases.states import State
from lifeops.policies.models import Ending, Policy

#: 故意未如实告知: nothing is paid for whatever came before the rescission.
INTENT, GROSS = "C10", "C05"
#: Outcomes by which is paid what is due, or a part of it.
AS_OF_RIGHT = ("PAY", "PART")


def rescinded_by(case: Case, policy: Policy | None = None) -> ClaimDecision | None:
    """The signed conclusion of another case by which the contract was rescinded, before this case was signed; None where none was.
    `policy`: as it stands, where it has been read anew."""
    if case.policy_id is None or (policy or case.contract).ending != Ending.RESCISSION:
        return None
    rows = ClaimDecision.objects.filter(case__policy=case.policy_id, outcome__in=RESCINDING, superseded=False, signed_at__isnull=False)
    found = rows.exclude(case=case.pk).exclude(case__state=State.WITHDRAWN).select_related("case").order_by("pk").first()
    own = case.current_decision() if found is not None else None
    if found is None or (own is not None and own.signed_at and found.signed_at and own.signed_at < found.signed_at):
        return None
    return found


def told_of_rescission(decision: ClaimDecision, gone: ClaimDecision) -> bool:
    """Whether a conclusion to pay was made with the rescission `gone` in view. Of one for intent nothing is due as of right, whatever the
    minute says: of two at once it does not tell what the one has seen of the other."""
    if gone.reason_code == INTENT and decision.outcome in AS_OF_RIGHT:
        return False
    return gone.signed_at is not None and gone.signed_at <= decision.made_at


def rescinded_words(found: ClaimDecision) -> str:
    """What follows for an event before the rescission."""
    told = f"合同已由案件 {found.case.number} 解除（{found.reason_label}）"
    if found.reason_code == INTENT:
        return f"{told}，解除前发生的事故不承担给付"
    if found.reason_code == GROSS:
        return f"{told}，未告知的事项对本次事故没有严重影响的才应给付"
    return f"{told}，请核对本次事故是否仍应给付"


__all__ = ["INTENT", "rescinded_by", "rescinded_words", "told_of_rescission"]
