"""名单核查 of a case: when it is handed over, again when it is concluded and signed and before money goes out; what a hit asks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused, book_words
from lifeops.cases.forms import CaseForm
from lifeops.cases.needs import CLEARED_WORDS, Needs, Rule, cleared_a_hit, made_it_ready, not_who_cleared
from lifeops.cases.registry import resolve
from lifeops.cases.states import AFTER, DURING, State
from lifeops.cases.stepping import Stepping, step
from lifeops.notices.services import notify
from lifeops.org.models import Posting, Role, User
from lifeops.org.statements import reach
from lifeops.policies.models import Beneficiary, Policy
from lifeops.policies.services.parties import heirs_of
from lifeops.screening.models import READERS, Hit, HitState, Level
from lifeops.screening.rules import BLOCK, SENIOR, Person, findings_of, weight_of
from lifeops.screening.services.hits import JUDGES, VERDICTS, judge, may_judge
from lifeops.screening.services.screening import counting, once, screen_case

if TYPE_CHECKING:  # what the step is mixed into
    from django.db.models import QuerySet

    from lifeops.cases.findings import FindingSpec
    from lifeops.cases.models import Case, CaseEvent
    from lifeops.cases.models import Case as Mixed
else:
    Mixed = Stepping

#: 批准岗 that counts as senior management (客户尽职调查办法 33).
SENIOR_GRADE = 3
WHO = "总公司运营主管或批准岗（未经手本案）排除后"
WHO_PAYS = "总公司运营主管或批准岗处理后，由机构主管放行"
#: The findings that tell of lists.
CODES = ("K01", "K02")
#: The steps that do.
UNTOLD = ("judge_hit",)
SENIOR_WORDS = "当事人为政治公众人物，须由 3 级以上批准岗批准"


def persons_of(case: Case) -> list[Person]:
    """Everybody of a case: who asks and who acts for him, the people of the policy, those of the line's own record."""
    found = [Person.of(role, p) for role, p in (("申请人", reach(case, "applicant")), ("经办人", reach(case, "handler"))) if p]
    policy = reach(case, "policy")
    if policy is not None:
        found += people_of(policy, case.once("heirs", lambda: heirs_of(policy)))
    if case.line_spec.persons and case.record is not None:
        found += resolve(case.line_spec.persons)(case, case.record)
    return found


def people_of(policy: Policy, heirs: Iterable[Beneficiary]) -> list[Person]:
    """投保人, 被保险人 and 受益人 of a policy as it stands; `heirs`: all that it has had."""
    named = [b for b in heirs if b.effective_to is None]
    insured = reach(policy, "insured")
    if policy.policyholder_id == insured.pk:
        policy.policyholder = insured  # one reading for one person
    return [
        Person.of("投保人", reach(policy, "policyholder")), Person.of("被保险人", insured),
        *(Person("受益人", b.name, b.birth_date, (b.id_number,) if b.id_number else ()) for b in named),
    ]  # fmt: skip


def screen(case: Case, now: datetime) -> list[Hit]:
    """Hold everybody of the case against the lists in force and tell head office of what is new."""
    hits = screen_case(case.number, lambda: persons_of(case), now, lambda: _hands(case))
    case.answered("watch_hits", hits)
    close = [h for h in hits if h.state == HitState.OPEN and h.level != Level.NAME]
    if close:
        told = Posting.objects.in_force(timezone.localdate(now)).filter(role__in=JUDGES, branch__level=1).values("user")
        people = list(User.objects.filter(pk__in=told, is_active=True))
        for hit in close:
            notify(users=people, key=f"watch:{hit.pk}", title="名单命中待处理", body=case.number, url=reverse("policies:watch_hits"), case_number=case.number)
    return hits


def _hands(case: Case) -> tuple[int | None, ...]:
    """Who has concluded and who has signed what is in force of the case."""
    decision = case.current_decision()
    return (decision.made_by_id, decision.signed_by_id) if decision is not None else ()


def rows_of(case: Case, now: datetime) -> list[Any]:
    """Findings of a case that was handed over, as the rules of the line tell theirs."""
    if case.handed_over_at is None:
        return []
    return list(findings_of(counting(case.number, timezone.localdate(now)), len(once(persons_of(case)))))


def may_know(case: Case, user: User) -> bool:
    """Who reviews the case and head office know what the lists say of its people; the branch, which speaks with them, does not."""
    return user.holds(case.line_spec.reviewer_role, path=case.branch_path) or user.holds_at_head_office(*READERS)


def findings_for(case: Case, user: User, now: datetime) -> list[FindingSpec]:
    """The rules on the case as it is now, as far as the person may know."""
    from lifeops.cases.findings import evaluate_rules

    known = may_know(case, user)
    return [f for f in evaluate_rules(case, now) if known or f.code not in CODES]


def events_for(case: Case, user: User) -> QuerySet[CaseEvent]:
    """The trail, the newest first, as far as the person may know."""
    rows = case.events.select_related("actor", "acting_for", "branch").order_by("-seq")
    return rows if may_know(case, user) else rows.exclude(step__in=UNTOLD)


def weights(hits: list[Hit]) -> dict[int, str]:
    return {h.pk: weight_of(pep=h.entry.watch_list.is_pep, level=h.level, state=h.state) for h in hits}


def _stopped(case: Case, now: datetime, reasons: list[str], who: str) -> Refused:
    """The step is undone, and with it what it has found: that is found once more, for head office to judge."""
    return Refused(reasons, who, left=lambda: screen(type(case).objects.get(pk=case.pk), now))


def require_clear(case: Case, hits: list[Hit], now: datetime, *, told: bool = True) -> None:
    """Refused while a hit stops the case; whom and what it is of is not `told` at the branch."""
    found = weights(hits)
    stopped = [h for h in hits if found[h.pk] == BLOCK]
    if stopped and not told:
        raise _stopped(case, now, ["本案有事项待总公司处理，款项暂不放行"], WHO_PAYS)
    if stopped:
        words = [f"名单核查：{h.role}{h.get_level_display()}（{h.entry.watch_list.get_kind_display()}，{h.get_state_display()}），不得办理" for h in stopped]
        raise _stopped(case, now, list(dict.fromkeys(words)), WHO)


def asks_senior(hits: list[Hit]) -> bool:
    return SENIOR in weights(hits).values()


def needs_senior(case: Case) -> bool:
    """Whether the case needs senior approval."""
    return asks_senior(case.once("watch_hits", lambda: counting(case.number, timezone.localdate())))


def _not_who_cleared(case: Case, actor: User, now: datetime) -> None:
    """Asked once more: what the person has cleared of a customer may have been carried over to the case by this very step."""
    if cleared_a_hit(case, actor):
        raise _stopped(case, now, [CLEARED_WORDS], not_who_cleared.who)


def before_conclusion(case: Case, *, actor: User, positive: bool, amount: Decimal, served_reason: str, now: datetime) -> None:
    """Screened again. Nothing is agreed to while a hit stops the case; money for a 政治公众人物 with a reason written down."""
    hits = screen(case, now)
    if hits:
        _not_who_cleared(case, actor, now)
    if positive:
        require_clear(case, hits, now)
        if amount > 0 and asks_senior(hits):
            _require_reason(case, served_reason, now)


def _require_reason(case: Case, served_reason: str, now: datetime) -> None:
    """What was found stays, so that the page asks for the reason."""
    if not served_reason.strip():
        raise Invalid({"served_reason": [f"{SENIOR_WORDS}，请写明办理理由"]}, left=lambda: screen(type(case).objects.get(pk=case.pk), now))


def before_signature(case: Case, decision: Any, *, actor: User, served_reason: str, now: datetime) -> None:
    """The same before it is signed, by a senior approver where that is asked for."""
    hits = screen(case, now)
    if hits:
        _not_who_cleared(case, actor, now)
    if not decision.is_positive:
        return
    require_clear(case, hits, now)
    if decision.amount > 0 and asks_senior(hits):
        if actor.grade_in(Role.APPROVER, case.branch_path) < SENIOR_GRADE:
            raise _stopped(case, now, [SENIOR_WORDS], f"{SENIOR_GRADE} 级以上批准岗")
        _require_reason(case, served_reason, now)


def told_decision(case: Case, user: User) -> Any:
    """The decision in force as far as the person may know it: why a 政治公众人物 is served is told to head office alone."""
    decision = case.current_decision()
    if decision is not None and not may_know(case, user):
        decision.served_reason = decision.approver_served_reason = ""
    return decision


def require_before_payment(case: Case, now: datetime) -> None:
    """Before money goes out: nothing stops the case; of a 政治公众人物 a senior approver has signed it, or has confirmed the hit."""
    hits = screen(case, now)
    require_clear(case, hits, now, told=False)
    decision, found = case.current_decision(), weights(hits)
    limit = decision.limit if decision is not None else None
    if limit is not None and limit.role == Role.APPROVER and limit.grade >= SENIOR_GRADE:
        return
    for hit in hits:
        senior = hit.state == HitState.CONFIRMED and hit.decided_by is not None and hit.decided_by.grade_in(Role.APPROVER, case.branch_path) >= SENIOR_GRADE
        if found[hit.pk] == SENIOR and not senior:
            raise _stopped(case, now, ["付款前须由总公司 3 级以上批准岗确认，款项暂不放行"], WHO_PAYS)


class HitForm(CaseForm):
    """Which hit of the case, what was found out, why."""

    hit = forms.ModelChoiceField(label="命中", queryset=Hit.objects.none(), error_messages={"required": "请选择命中", "invalid_choice": "本案没有这项待处理的命中"})
    verdict = forms.ChoiceField(label="处理", choices=[(str(k), v) for k, v in VERDICTS.items()], error_messages={"required": "请选择排除或确认", "invalid_choice": "请选择排除或确认"})
    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": "请写明处理理由", "max_length": "理由最多 300 字"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is not None:
            rows = Hit.objects.filter(case_number=self.case.number, state=HitState.OPEN)
            self.fields["hit"].queryset = rows  # type: ignore[attr-defined]


of_head_office = Rule(lambda case, user: may_judge(user), "名单命中由总公司运营主管或批准岗处理", who="总公司运营主管或批准岗", brief="总公司的运营主管、批准岗")
not_the_handler = Rule(
    lambda case, user: user.pk not in (case.assignee_id, case.reviewer_id) and not made_it_ready(case, user),
    "您经办本案，名单命中须由未经办本案的人处理", who="未经办本案的总公司运营主管或批准岗", brief="未经办本案",
)


#: This and the next are asked of those only who might judge one: whoever may not is told so already.
not_who_signed = Rule(
    lambda case, user: not may_judge(user) or not _signed(case, user), "您批准过本案，名单命中须由未经办、未批准本案的人处理",
    who="未经办、未批准本案的总公司运营主管或批准岗", brief="未批准过本案",
)


def _signed(case: Case, user: User) -> bool:
    """The signature in force is the person's: what it let go is not let go on by the same hand."""
    decision = case.current_decision()
    return decision is not None and decision.signed_by_id == user.pk


has_a_hit = Rule(
    lambda case, user: not may_judge(user) or Hit.objects.filter(case_number=case.number, state=HitState.OPEN).exists(),
    "本案没有待处理的名单命中", brief="有待处理的命中",
)


JUDGING = Needs(of_head_office, not_the_handler, not_who_signed, has_a_hit)
JUDGED = "处理名单命中"


class Judged(Mixed):
    """处理名单命中, while the case is worked on and after it was decided."""

    @step(JUDGED, source=[*DURING, *AFTER], needs=JUDGING, form="lifeops.cases.screened.HitForm", hidden=True)
    def judge_hit(self, *, actor: User, now: datetime, hit: Hit, verdict: str, reason: str) -> None:
        with book_words():
            done = judge(hit=hit, verdict=verdict, reason=reason, actor=actor, now=now)
        self.note(**_told(done))


def _told(done: Hit) -> dict[str, Any]:
    """What the trail keeps: no name and no number."""
    what = f"{done.role} {done.entry.watch_list.get_kind_display()}（{done.get_level_display()}）"
    return {"hit": done.pk, "changes": [{"label": what, "before": HitState.OPEN.label, "after": done.get_state_display()}]}


def judging_refusals(case: Case, user: User) -> list[str]:
    """Why this person may not judge hits of the case; empty when the person may. One that nobody judged in time does not wait for
    ever on the shelf, where a case has no steps any more."""
    from lifeops.cases.registry import at_desk

    move = at_desk(case).transition_of("judge_hit")
    return [f"案件处于“{case.state_label}”"] if move is None and case.state != State.ARCHIVED else JUDGING.refusals(case, user)


def _judge_on_shelf(case: Case, *, hit: Hit, verdict: str, reason: str, actor: User, now: datetime) -> None:
    """By the same rules, left on the trail as the step leaves it."""
    from lifeops.cases.perform import record

    if reasons := JUDGING.refusals(case, actor):
        raise Refused(reasons, JUDGING.who(case, actor))
    with transaction.atomic(), book_words():
        done = judge(hit=hit, verdict=verdict, reason=reason, actor=actor, now=now)
        record(case, "judge_hit", JUDGED, actor=actor, now=now, reason=done.reason, data=_told(done))


def judge_anywhere(*, hit: Hit, verdict: str, reason: str, actor: User, now: datetime) -> None:
    """A hit of a case by the step of the case, which leaves it on the trail, as what is done on the shelf is; one of a customer by
    itself."""
    from lifeops.cases.models import Case
    from lifeops.cases.perform import perform

    case = Case.objects.get(number=hit.case_number) if hit.case_number else None
    if case is not None and case.state == State.ARCHIVED:
        _judge_on_shelf(case, hit=hit, verdict=verdict, reason=reason, actor=actor, now=now)
    elif case is not None:
        perform(case, "judge_hit", actor=actor, now=now, hit=str(hit.pk), verdict=verdict, reason=reason)
    else:
        with book_words():
            judge(hit=hit, verdict=verdict, reason=reason, actor=actor, now=now)
