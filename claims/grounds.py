"""法定事由 on which a claim ends the contract without a benefit: what is refunded, by which article, within which days (facts 5.1). Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

RESCIND_REFUND, RESCIND_NO_REFUND, REFUND_CV = "RESCIND_REFUND", "RESCIND_NO_REFUND", "REFUND_CV"
#: Outcomes by which the company rescinds, and all that end the contract without a benefit.
RESCINDING = (RESCIND_REFUND, RESCIND_NO_REFUND)
ENDING = (*RESCINDING, REFUND_CV)
#: Outcomes by which money goes back.
REFUNDING = (RESCIND_REFUND, REFUND_CV)


class Gives(StrEnum):
    """What is refunded."""

    PREMIUM = "已交保险费"
    VALUE = "现金价值"
    NOTHING = "不退还"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """`limited`: the right dies thirty days after the company knows and two years after the establishment (保险法 16 ¶3).
    `two_years`: refunded only where two years' premium is paid. `to_others`: not the policyholder's (司法解释三 16).
    `fake`: nothing has happened, nobody has died."""

    code: str
    outcome: str
    gives: Gives
    articles: tuple[str, ...]
    limited: bool = False
    serious: bool = False
    two_years: bool = False
    to_others: bool = False
    fake: bool = False


LAW, THIRD = "《中华人民共和国保险法》", "《最高人民法院关于适用〈中华人民共和国保险法〉若干问题的解释（三）》"
DISCLOSE = f"{LAW}第十六条第二款：投保人故意或者因重大过失未履行如实告知义务，足以影响保险人决定是否同意承保或者提高保险费率的，保险人有权解除合同。"
GROUNDS: dict[str, Ground] = {
    g.code: g
    for g in (
        Ground(
            code="C03", outcome=REFUND_CV, gives=Gives.VALUE,
            articles=("保险合同责任免除条款：发生所列情形的，保险人不承担给付保险金的责任，合同终止，退还保险单的现金价值。",),
        ),
        Ground(
            code="C04", outcome=REFUND_CV, gives=Gives.VALUE,
            articles=(
                f"{LAW}第四十四条：自合同成立或者合同效力恢复之日起二年内，被保险人自杀的，保险人不承担给付保险金的责任，但被保险人自杀时为无民事行为能力人的除外；"
                "保险人不承担给付保险金责任的，应当按照合同约定退还保险单的现金价值。",
            ),
        ),
        Ground(
            code="C05", outcome=RESCIND_REFUND, gives=Gives.PREMIUM, limited=True, serious=True,
            articles=(
                DISCLOSE,
                f"{LAW}第十六条第五款：投保人因重大过失未履行如实告知义务，对保险事故的发生有严重影响的，保险人对于合同解除前发生的保险事故，"
                "不承担给付保险金的责任，但应当退还保险费。",
            ),
        ),
        Ground(
            code="C10", outcome=RESCIND_NO_REFUND, gives=Gives.NOTHING, limited=True,
            articles=(
                DISCLOSE,
                f"{LAW}第十六条第四款：投保人故意不履行如实告知义务的，保险人对于合同解除前发生的保险事故，不承担给付保险金的责任，并不退还保险费。",
            ),
        ),
        Ground(
            code="C11", outcome=RESCIND_REFUND, gives=Gives.VALUE, limited=True,
            articles=(
                f"{LAW}第三十二条第一款：投保人申报的被保险人年龄不真实，并且其真实年龄不符合合同约定的年龄限制的，保险人可以解除合同，"
                "并按照合同约定退还保险单的现金价值。",
            ),
        ),
        Ground(
            code="C12", outcome=RESCIND_NO_REFUND, gives=Gives.NOTHING, fake=True,
            articles=(
                f"{LAW}第二十七条第一款：未发生保险事故，被保险人或者受益人谎称发生了保险事故，提出给付保险金请求的，保险人有权解除合同，并不退还保险费。",
            ),
        ),
        Ground(
            code="C13", outcome=RESCIND_NO_REFUND, gives=Gives.NOTHING,
            articles=(
                f"{LAW}第二十七条第二款：投保人、被保险人故意制造保险事故的，保险人有权解除合同，不承担给付保险金的责任；"
                "除本法第四十三条规定外，不退还保险费。",
            ),
        ),
        Ground(
            code="C14", outcome=REFUND_CV, gives=Gives.VALUE, two_years=True,
            articles=(
                f"{LAW}第四十五条：因被保险人故意犯罪或者抗拒依法采取的刑事强制措施导致其伤残或者死亡的，保险人不承担给付保险金的责任。"
                "投保人已交足二年以上保险费的，保险人应当按照合同约定退还保险单的现金价值。",
            ),
        ),
        Ground(
            code="C15", outcome=REFUND_CV, gives=Gives.VALUE, two_years=True, to_others=True,
            articles=(
                f"{LAW}第四十三条第一款：投保人故意造成被保险人死亡、伤残或者疾病的，保险人不承担给付保险金的责任。"
                "投保人已交足二年以上保险费的，保险人应当按照合同约定向其他权利人退还保险单的现金价值。",
                f"{THIRD}第十六条：其他权利人按照被保险人、被保险人继承人的顺序确定。",
            ),
        ),
    )
}
#: Grounds of 解除 that cannot be relied on without rescinding (司法解释二 8).
ONLY_BY_RESCISSION = ("C05", "C10", "C11")


def ground_of(outcome: str, reason: str) -> Ground | None:
    """The ground of an outcome that ends the contract; None for others, and where reason and outcome do not fit."""
    found = GROUNDS.get(reason)
    return found if found is not None and found.outcome == outcome else None


def misfit(outcome: str, reason: str, *, item: str, two_years: Callable[[], bool], ended: bool = False, rescinded: bool = False) -> str:
    """Why the outcome may not rest on the reason; "" where it may. `two_years`: whether so much premium has been paid, asked where it matters; `ended`, `rescinded`:
    the contract has ended already, and by the rescission of another claim."""
    ground = GROUNDS.get(reason)
    if outcome in ENDING:
        if ground is None or ground.outcome != outcome:
            return "此结论须以法定事由为理由：" + "、".join(code for code, g in GROUNDS.items() if g.outcome == outcome)
        if ground.two_years and not two_years():
            return "已交保险费不足二年，不退还现金价值，请选择拒付"
        return ""
    if reason in ONLY_BY_RESCISSION and outcome in ("REFUSE", "PART") and not rescinded:
        return "未解除合同，不得以此理由拒绝给付（保险法司法解释（二）第8条），请选择解除合同"
    if outcome == "REFUSE" and item == "CL01" and not ended and ground is not None and ground.outcome == REFUND_CV and reason != "C03":
        return "" if ground.two_years and not two_years() else "依法应退还现金价值，请选择退还现金价值"
    return ""


def untimely(*, established_on: date, known_on: date | None, last: date | None, today: date) -> str:
    """Why the contract may not be rescinded any more, or at all; "" where it may."""
    if known_on is None:
        return "请填写知道解除事由之日"
    if known_on > today:
        return "知道解除事由之日不能晚于今天"
    if known_on < established_on:
        return f"订立合同时（{established_on}）已经知道的，不得解除合同，发生事故应当给付（保险法第十六条第六款）"
    if last is not None and today > last:
        return f"解除权已于 {last} 消灭：自知道之日起三十日、自合同成立（{established_on}）起二年，以先到者为准，应当依约给付（保险法第十六条第三款）"
    return ""
