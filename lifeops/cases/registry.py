"""Lines and desks. Desks register themselves in `AppConfig.ready`; the platform names them only as dotted strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

from lifeops.cases.states import AFTER, BEFORE, DURING, State

if TYPE_CHECKING:
    from lifeops.cases.models import Case


@dataclass(frozen=True)
class Outcome:
    """结论: one way a review can end.

    `positive` outcomes lead to `approved`, others to `declined`. `tier_up` asks for one grade more than the amount
    alone would (拒赔, 通融 …: facts 5.6). `always_second` never ends with one signature.
    """

    code: str
    label: str
    positive: bool = True
    needs_amount: bool = False
    needs_reason: bool = False
    tier_up: bool = False
    always_second: bool = True


@dataclass(frozen=True)
class Reason:
    """理由码."""

    code: str
    label: str


@dataclass(frozen=True)
class Item:
    """业务项目. Dotted names: `form` is the entry form (facts), `letters` the papers due per outcome sign."""

    code: str
    name: str
    form: str
    outcomes: tuple[Outcome, ...]
    needs_policy: bool = True
    one_signature: bool = False
    #: The company asks for it itself, and for no other item.
    by_company: bool = False
    #: 文书 due after the decision: kind codes by outcome code, "*" for every positive, "-" for every negative outcome.
    letters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: 回执 is expected for these letters before the case may be filed.
    receipt: bool = False

    def outcome(self, code: str) -> Outcome:
        for outcome in self.outcomes:
            if outcome.code == code:
                return outcome
        raise KeyError(code)

    def letters_for(self, outcome: Outcome) -> tuple[str, ...]:
        return self.letters.get(outcome.code) or self.letters.get("*" if outcome.positive else "-", ())


@dataclass(frozen=True)
class Line:
    """条线: what one line of business brings. `service` is the module that answers the hooks named below it."""

    code: str
    label: str
    prefix: str
    reviewer_role: str
    proxy: str
    record: str
    decision: str
    decision_form: str
    rules: str
    summary: str
    effect: str
    items: tuple[Item, ...]
    reasons: tuple[Reason, ...]
    #: Dotted `(case, record) -> [Person]`: people of the record who are screened, besides those of the policy.
    persons: str = ""
    #: Dotted `(case) -> SameEvent`: what other cases of one event come to, where one event may be several cases.
    same_event: str = ""
    #: Dotted `(case) -> words`: why this very case needs a second signature whatever the amount, "" where it does not.
    second_signature: str = ""
    #: Dotted `(case, amount) -> int`: the lowest grade of 批准岗 that may sign, whatever the limits; 0 for none in particular.
    least_grade: str = ""
    #: What the amount of a decision is, under its lines.
    amount_label: str = "金额（元）"
    #: Extra tabs of the workbench: (code, label, template, dotted context function).
    tabs: tuple[tuple[str, str, str, str], ...] = ()

    def item(self, code: str) -> Item:
        for item in self.items:
            if item.code == code:
                return item
        raise KeyError(code)


@dataclass(frozen=True)
class Tile:
    """A number on the home page: the work, the list that shows exactly these rows, which of them are late."""

    label: str
    url: str
    rows: Any
    late: Any = None
    #: The work of the person's own post comes first.
    own: bool = True
    #: Not shown while nothing waits.
    shy: bool = False


@dataclass(frozen=True)
class Desk:
    """岗: an app that works on cases in some states."""

    code: str
    label: str
    proxy: str
    states: tuple[State, ...]
    #: Dotted `(case, user) -> (address, label) | None`: the page where this person goes on with the case.
    work: str = ""
    #: Dotted `(user, now) -> [Tile]`: what waits at the desk for this person, each a list that the person may open.
    tiles: str = ""
    #: Dotted `(user, case, step) -> address | ""`: where a person goes on after a step, the next case for the same work.
    onwards: str = ""


_lines: dict[str, Line] = {}
_desks: dict[str, Desk] = {}


def register_line(line_: Line) -> None:
    """Make a line known and, with it, its desk for the states of 作业中."""
    _lines[line_.code] = line_
    register_desk(Desk(line_.code, line_.label, line_.proxy, DURING))


def register_desk(desk: Desk) -> None:
    _desks[desk.code] = desk
    resolve.cache_clear()


def line(code: str) -> Line:
    return _lines[code]


def lines() -> list[Line]:
    return list(_lines.values())


def desks() -> list[Desk]:
    return list(_desks.values())


def desk(code: str) -> Desk:
    return _desks[code]


@cache
def resolve(dotted: str) -> Any:
    """The object a dotted string names, imported once."""
    return import_string(dotted)


def work_page(case: Case, user: Any) -> tuple[str, str] | None:
    """Where a person goes on with a case, where its desk has a page of its own for that."""
    spec = _desks.get(desk_code(case.line, case.state))
    return resolve(spec.work)(case, user) if spec and spec.work else None


def onwards_page(case: Case, user: Any, step: str) -> str:
    """Where a person goes on after a step at the desk at which it was taken, or ""."""
    spec = _desks.get(case.desk)
    return str(resolve(spec.onwards)(user, case, step)) if spec and spec.onwards else ""


def tiles(user: Any, now: Any) -> list[Tile]:
    """What waits at all desks for a person, the work of the own post first."""
    found = [tile for spec in _desks.values() if spec.tiles for tile in resolve(spec.tiles)(user, now)]
    return sorted(found, key=lambda tile: not tile.own)


def desk_code(line_code: str, state: str) -> str:
    """The desk at which a case of a line in a state is worked on."""
    if state in BEFORE:
        return "intake"
    if state in DURING:
        return line_code
    return "archive" if state in AFTER or state == State.ARCHIVED else ""


def at_desk(case: Case) -> Case:
    """The same row seen as the proxy of the desk it lies at now."""
    spec = _desks[desk_code(case.line, case.state)]
    case.__class__ = resolve(spec.proxy)
    return case
