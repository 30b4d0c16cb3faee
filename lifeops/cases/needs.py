"""What a step needs from the person, as named rules with words. Pages, API and keyboard ask the same rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from lifeops.org.models import Absence, Role, User
from lifeops.org.statements import Question, read
from lifeops.screening.models import Hit, HitState

if TYPE_CHECKING:
    pass

Check = Callable[[Any, User], bool]
Words = str | Callable[[Any, User], str]


@dataclass(frozen=True)
class Rule:
    """One condition. `words` say in Chinese why it refuses; `who` says who can; `brief` names it in the state table."""

    check: Check
    words: Words
    who: str = ""
    brief: str = ""

    def __str__(self) -> str:
        return self.brief or self.who or (self.words if isinstance(self.words, str) else "")

    def refusal(self, case: Any, user: User) -> str | None:
        if self.check(case, user):
            return None
        return self.words if isinstance(self.words, str) else self.words(case, user)


class Needs:
    """The rules of a step; usable as django-fsm `permission`."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = rules

    def refusals(self, case: Any, user: User) -> list[str]:
        """Reasons why this person may not take the step now; empty when the person may."""
        found = [rule.refusal(case, user) for rule in self.rules]
        return [words for words in found if words]

    def who(self, case: Any, user: User) -> str:
        """Who can, taken from the first rule that refuses."""
        return next((r.who for r in self.rules if r.who and r.refusal(case, user)), "")

    def __call__(self, case: Any, user: User) -> bool:
        return not self.refusals(case, user)


def labels(roles: tuple[str, ...]) -> str:
    return "、".join(Role(r).label for r in roles)


def posted(*roles: str) -> Rule:
    """The person holds one of the roles over the unit at which the case was accepted."""
    return Rule(
        lambda case, user: user.holds(*roles, path=case.branch_path),
        f"需要本机构的{labels(roles)}",
        who=labels(roles),
        brief=f"{labels(roles)}（案件机构或其上级）",
    )


def line_reviewer() -> Rule:
    """The person reviews cases of this line."""
    return Rule(
        lambda case, user: user.holds(case.line_spec.reviewer_role, path=case.branch_path),
        lambda case, user: f"需要{Role(case.line_spec.reviewer_role).label}",
        who="该条线的审核岗",
        brief="该条线的审核岗",
    )


def stands_in_for(user: User, absent: int | None) -> bool:
    """True while `user` is the registered substitute of the person with this key; nobody is one's own."""
    if absent is None or absent == user.pk:
        return False
    return absent in substituted_ids(user)


def substituted_ids(user: User) -> list[int]:
    """People whose cases the person works on today as substitute, read once per loaded person."""
    found: list[int] | None = user.__dict__.get("_stands_in")
    if found is None:
        now = timezone.now()
        absences = read(Absence, "substitute_id = %s AND starts_at <= %s AND ends_at > %s", [user.pk, now, now])
        found = user.__dict__["_stands_in"] = sorted({row.user_id for row in absences})
    return found


holds_case = Rule(
    lambda case, user: case.assignee_id == user.pk or stands_in_for(user, case.assignee_id),
    lambda case, user: f"案件由 {case.assignee.name} 经办" if case.assignee else "案件尚未领取",
    who="经办人或其代理人",
    brief="本案经办人或其代理人",
)
nobody_holds = Rule(
    lambda case, user: case.assignee_id is None,
    lambda case, user: f"案件已由 {case.assignee.name} 领取",
    brief="无人领取",
)
not_suspended = Rule(
    lambda case, user: not case.is_suspended(timezone.now()),
    lambda case, user: f"案件挂起至 {timezone.localtime(case.suspended_until):%Y-%m-%d}",
    who="经办人可解除挂起",
    brief="未挂起",
)

#: Verbs of signing itself: taking part with these leaves the hands clean.
SIGNING_STEPS = ("take", "hand_back", "approve", "disagree", "return_to_review", "suspend", "resume", "skip")


def had_a_hand(case: Any, user: User) -> bool:
    """True when the person, or somebody acting for the person, took part in the case other than by signing it."""
    from lifeops.cases.states import State

    return (
        case.events.filter(Q(actor=user) | Q(acting_for=user))
        .exclude(from_state=State.PENDING_APPROVAL, step__in=SIGNING_STEPS)
        .exclude(step__startswith="read.")
        .exists()
    )


#: What makes a case ready at the counter: who did one of these reviews another's cases.
COUNTER_STEPS = ("register", "pass_precheck", "save_record", "complete_entry", "complete_scan", "hand_over")


def made_it_ready(case: Any, user: User) -> bool:
    """True when the person, or somebody acting for the person, took the case in, keyed or scanned it."""
    return _counter_steps_of.exists(case.pk, user.pk)


@Question(int, int)
def _counter_steps_of(case: int, user: int) -> Any:
    from lifeops.cases.models import CaseEvent

    hand = Q(actor=user) | Q(acting_for=user)
    return CaseEvent.objects.filter(hand, case=case, step__in=COUNTER_STEPS).order_by().values_list("pk")[:1]


not_from_the_counter = Rule(
    lambda case, user: not made_it_ready(case, user),
    "您经手过本案的受理或录入，审核须由未经手受理、录入、扫描的人作出",
    who="未经手本案受理、录入、扫描的审核人",
    brief="未经手本案的受理、录入、扫描",
)


def cleared_a_hit(case: Any, user: User) -> bool:
    """True when the person cleared a 名单命中 of somebody of the case: in the case, or before, and it was carried over. Also of a post
    that is over since."""
    return bool(_cleared_of.exists(case.number, user.pk))


@Question(str, int)
def _cleared_of(number: str, user: int) -> Any:
    return Hit.objects.filter(case_number=number, state=HitState.CLEARED, decided_by=user).order_by().values_list("pk")[:1]


CLEARED_WORDS = "您排除过本案当事人的名单命中，结论与批准须由另一人作出"
not_who_cleared = Rule(
    lambda case, user: not cleared_a_hit(case, user), CLEARED_WORDS, who="未排除过本案名单命中的审核人", brief="未排除过本案的名单命中"
)


def _hand_in_it(case: Any, user: User) -> str:
    return CLEARED_WORDS if cleared_a_hit(case, user) else "您参与过本案的受理、审核或办理，批准须由未参与本案的人作出"


four_eyes = Rule(
    lambda case, user: not had_a_hand(case, user) and not cleared_a_hit(case, user),
    _hand_in_it,
    who="未参与本案且权限足够的批准岗",
    brief="未参与过本案（含代理、排除名单命中）",
)
