"""继承人 collect what waits for somebody who has died (PS24, PS26, PS27, PS28): who has left it, who shares it, rules S121 to S127, and
how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from lifeops.cases.findings import FindingSpec
from lifeops.cases.models import Case
from lifeops.cases.states import ApplicantKind
from lifeops.documents.checklists import papers_seen
from lifeops.policies.models import Ending, Party, Policy, PolicyStatus
from lifeops.policies.rules.benefits import Part, Share, shares_error, split_benefit
from lifeops.policies.rules.lines import plain, yuan
from lifeops.policies.rules.payees import REFUND_FROM
from lifeops.policies.services.collecting import due_after, entitled
from lifeops.policies.services.late_end import ENDS
from lifeops.policies.services.particulars import TO_HEIRS
from lifeops.policies.services.parties import account_holder, holder_of
from lifeops.policies.services.recovering import recoverable
from lifeops.screening.rules import Person
from servicing.models import ChangeRequest, Heir, HeirProof

#: Items by which money that waits is had.
ITEMS = ("PS24", "PS26", "PS27", "PS28")
#: 投保人变更: the item by which an heir takes the place of a policyholder who has died, while the contract lives.
SUCCESSION = "PS12"
#: Of them what the contract pays for being alive.
BENEFITS = ("PS24", "PS26")
#: Ends that no contract comes to whose insured has died before.
OF_THE_LIVING = (Ending.COOLING_OFF, Ending.SURRENDER, Ending.MATURITY, Ending.EXPIRY)
#: Papers without which nobody succeeds to somebody, and without which nothing is paid to heirs.
OF_SUCCESSOR = {"DEATH_CERT": "死亡证明", "INHERIT_PROOF": "继承权证明"}
PAPERS = OF_SUCCESSOR | {"ID_HEIR": "各继承人身份证件"}
#: What an agreement does not prove by itself: who the heirs are.
KINSHIP = {"RELATION_PROOF": "亲属关系证明"}
#: 是被继承人的, where it is none of the 近亲属.
OTHER = "其他"
Rows = list[tuple[str, str]]


def by_heirs(case: Case | None) -> bool:
    return case is not None and case.applicant_kind == ApplicantKind.HEIR and case.item in ITEMS and case.policy_id is not None


def succeeds(case: Case | None) -> bool:
    return case is not None and case.applicant_kind == ApplicantKind.HEIR and case.item == SUCCESSION


def left_by(policy: Policy, item: str) -> tuple[Party, str]:
    """Whose it is that the item pays, and what he is of the contract."""
    if item not in BENEFITS:
        return policy.policyholder, "投保人"
    who = entitled(policy, ended=item == "PS26")
    return who, "被保险人" if who.pk == policy.insured_id else "投保人"


def goes_before(policy: Policy, item: str) -> str:
    """What must be done before heirs are paid anything of the contract; "" where nothing stands before them."""
    died_on = policy.insured.died_on
    ended = policy.status == PolicyStatus.TERMINATED
    if died_on is not None and not ended:
        return "被保险人已身故而合同尚未终止，先办身故理赔：身故保险金归指定的受益人，没有指定的才作遗产"
    if died_on is not None and policy.ending in OF_THE_LIVING and policy.terminated_on is not None and policy.terminated_on > died_on:
        late = f"合同于 {policy.terminated_on} {policy.get_ending_display()}，在被保险人 {died_on} 身故之后，"
        return late + ("先办身故理赔，由它更正终止和其后的款项" if policy.ending in ENDS else "不能付款：请报总公司理赔审核岗核定该次终止的效力")
    if not ended:
        return "投保人已身故而合同仍有效，先由继承人申请投保人变更，由新投保人办理"
    return ""


def cannot_apply(policy: Policy, item: str) -> str:
    """Why no heir can be taken in for the item; "" where he can."""
    if item not in (*ITEMS, SUCCESSION):
        return "此项目不能以继承人身份申请；继承人可以办理生存金领取、满期金领取、红利领取、溢缴退费，合同仍有效的先办投保人变更"
    who, label = left_by(policy, item)
    if who.died_on is None:
        return f"{label}{who.name}未登记身故，不能由继承人申请；请先凭死亡证明在客户页登记身故"
    return goes_before(policy, item) if item in ITEMS else no_succession(policy)


def no_succession(policy: Policy) -> str:
    """Why nobody can take the place of the policyholder any more; "" where somebody can."""
    if policy.status == PolicyStatus.TERMINATED:
        return "合同已终止，不能再变更投保人；其应得的款项由继承人领取"
    return "被保险人已身故，先办身故理赔" if policy.insured.died_on else ""


def parts(amount: Decimal, rows: Sequence[Heir]) -> list[tuple[Heir, Part]]:
    """What each heir gets, to the cent, and how it is reckoned: by the shares, equally where none are stated."""
    split = split_benefit(amount, [Share(key=str(row.pk), name=row.name, pct=row.share_pct) for row in rows])
    return list(zip(rows, split.parts, strict=True)) if rows else []


# ── rules ──


@dataclass(frozen=True, kw_only=True)
class HeirClaim:
    """What the rules look at. `after`: what waits and fell due only after the death, `owed`: what of the contract is to come back from the heirs, in 元; `far`: heirs who are no 近亲属;
    `dead`, `foreign`: heirs who have died, whose account is on file in another's name."""

    proof: str
    missing: Sequence[str] = ()
    heirs: Sequence[str] = ()
    wrong_shares: str = ""
    shares: str = ""
    dead: Sequence[str] = ()
    foreign: Sequence[str] = ()
    far: Sequence[str] = ()
    before: str = ""
    named: Sequence[str] = ()
    after: Decimal = Decimal("0.00")
    of_benefits: bool = False
    owed: Decimal = Decimal("0.00")
    due: Decimal = Decimal("0.00")


def heir_claim_findings(f: HeirClaim) -> list[FindingSpec]:
    return [proof_finding("S121", f.proof, f.missing, source="客户尽职调查办法第14、48条"), _shares(f), _people(f), _before(f), *([_after(f)] if f.of_benefits else []), _signed(f), *([_owed(f)] if f.owed else [])]


def proof_finding(code: str, proof: str, missing: Sequence[str], *, source: str, look: str = "") -> FindingSpec:
    """继承依据 and its papers, also of who succeeds a policyholder. `look`: at what the reviewer is to look where they are all there."""
    lacking = [*(() if proof else ("继承依据",)), *missing]
    words = f"缺{'、'.join(lacking)}" if lacking else "，".join(filter(None, ("继承依据和证明齐全", look)))
    limit = "继承权公证书、生效法律文书，或全体继承人协议加亲属关系证明"
    return FindingSpec(code, "block" if lacking else "warn" if look else "pass", words, proof or "未登记", limit, source)


def _shares(f: HeirClaim) -> FindingSpec:
    wrong = f.wrong_shares or ("" if f.heirs else "没有登记继承人")
    return FindingSpec("S122", "block" if wrong else "pass", wrong or "全体继承人的份额合计为全部", f.shares[:100] or "—", "合计 100% 或均分")


def _people(f: HeirClaim) -> FindingSpec:
    limit, source = "继承人在世，付至本人账户", "客户尽职调查办法第14条"
    if f.dead:
        return FindingSpec("S123", "block", "所列继承人已登记身故", "、".join(f.dead)[:100], limit, source)
    if f.foreign:
        return FindingSpec("S123", "block", "收款账户登记在他人名下", "、".join(f.foreign)[:100], limit, source)
    if f.far:
        return FindingSpec("S123", "warn", "所列继承人不是近亲属，请核对遗嘱、遗赠等文书", "、".join(f.far)[:100], limit, source)
    return FindingSpec("S123", "pass", "各继承人身份已登记，付至本人账户", "、".join(f.heirs)[:100] or "—", limit, source)


def _before(f: HeirClaim) -> FindingSpec:
    value = f"身故受益人：{'、'.join(f.named) or '法定'}"[:100]
    return FindingSpec("S124", "block" if f.before else "pass", f.before or "没有先于继承人的权利", value, "没有先于继承人的权利", "保险法第42条")


def _after(f: HeirClaim) -> FindingSpec:
    words = "有身故之后才到期的款项，不应给付，先办身故理赔，由它冲回" if f.after else "款项均在身故之前到期"
    return FindingSpec("S125", "block" if f.after else "pass", words, f"{yuan(f.after)} 元", "身故之后到期 0.00 元", "保险合同约定的给付条件")


def _signed(f: HeirClaim) -> FindingSpec:
    signed = "高级批准岗" if f.due >= REFUND_FROM else "另一人"
    return FindingSpec("S126", "warn", f"付给继承人，须由{signed}批准，请核对继承依据、继承人和份额", f"{yuan(f.due)} 元", f"{yuan(REFUND_FROM)} 元以上由高级批准岗", "客户尽职调查办法第13、14条")


def _owed(f: HeirClaim) -> FindingSpec:
    words = "本保单有待追回款，请先与继承人核对返还"
    return FindingSpec("S127", "warn", words, f"{yuan(f.owed)} 元", "无待追回款", "民法典第985条")


def missing_papers(case: Case, record: ChangeRequest, asked: Mapping[str, str]) -> list[str]:
    """What of the papers asked of heirs has not been seen, in words."""
    seen, all_asked = papers_seen(case), {**asked, **(KINSHIP if record.heir_proof == HeirProof.AGREEMENT else {})}
    return [words for code, words in all_asked.items() if code not in seen]


def findings_of(case: Case, record: ChangeRequest, due: Decimal) -> list[FindingSpec]:
    policy, rows = case.contract, list(record.heirs.all())
    who, _ = left_by(policy, case.item)
    owed = recoverable(policy, timezone.localdate())
    known = [(row, holder_of(row.id_type, row.id_number)) for row in rows]
    return heir_claim_findings(
        HeirClaim(
            proof=proof_words(record), missing=missing_papers(case, record, PAPERS), heirs=[row.name for row in rows],
            wrong_shares=shares_error((1, row.share_pct) for row in rows), shares="、".join(f"{row.name} {share_words(row, rows)}" for row in rows),
            dead=[row.name for row, party in known if party is not None and party.died_on is not None],
            foreign=[row.name for row in rows if account_holder(row.account, row.name) not in ("", row.name)],
            far=[row.name for row in rows if row.relation == OTHER], before=goes_before(policy, case.item),
            named=list(policy.beneficiaries.filter(effective_to__isnull=True).order_by("order", "pk").values_list("name", flat=True)),
            after=due_after(policy, who.died_on, ended=case.item == "PS26") if case.item in BENEFITS and who.died_on else Decimal("0.00"),
            of_benefits=case.item in BENEFITS, due=due, owed=owed.amount if owed else Decimal("0.00"),
        )
    )


def is_heir(case: Case, record: ChangeRequest) -> bool:
    """Whether the applicant is among the heirs that were written down, by his document."""
    return case.applicant is not None and is_among(case.applicant, ((row.id_type, row.id_number) for row in record.heirs.all()))


def is_among(person: Party, documents: Iterable[tuple[str, str]]) -> bool:
    """Whether one of the documents, by type and number, is the person's."""
    return any((found := holder_of(*document)) is not None and found.pk == person.pk for document in documents)


# ── in words ──


def proof_words(record: ChangeRequest) -> str:
    if not record.heir_proof:
        return ""
    return record.get_heir_proof_display() + (f" {record.heir_paper}" if record.heir_paper else "")


def share_words(row: Heir, rows: Sequence[Heir]) -> str:
    if row.share_pct is not None:
        return f"{plain(row.share_pct)}%"
    return "均分" if len(rows) > 1 else "全部"


def reason(case: Case, record: ChangeRequest, row: Heir, rows: Sequence[Heir]) -> str:
    """Why the payment goes to this heir, as it stands on it under its seal."""
    _, label = left_by(case.contract, case.item)
    return f"{TO_HEIRS}：{proof_words(record)}；收款人是{label}的{row.relation}，份额{share_words(row, rows)}"[:200]


def groups(case: Case, record: ChangeRequest, due: Decimal) -> list[tuple[str, Rows]]:
    """The inheritance as the reviewer reads it, masked."""
    rows = list(record.heirs.all())
    who, label = left_by(case.contract, case.item)
    told: Rows = [("被继承人", f"{who.name}（{label}）{f'，{who.died_on} 身故' if who.died_on else ''}"), ("继承依据", proof_words(record))]
    told += [
        (
            f"继承人 {n}",
            f"{row.name}（{row.relation}）{row.get_id_type_display()} {row.id_masked}，{part.formula} = {yuan(part.amount)} 元，{row.bank} {row.account_masked}",
        )
        for n, (row, part) in enumerate(parts(due, rows), start=1)
    ]
    return [("继承与领款", told)]


def payee_words(case: Case, record: ChangeRequest, amount: Decimal) -> str:
    """To whom and where the money goes, for the paper."""
    rows = list(record.heirs.all())
    who, label = left_by(case.contract, case.item)
    told = "；".join(
        f"{row.name}（{row.relation}，{share_words(row, rows)}）{yuan(part.amount)} 元，{row.bank} {row.account_masked}" for row, part in parts(amount, rows)
    )
    decision = case.current_decision()
    signed = f"，由{decision.signed_by}批准" if decision is not None and decision.signed_by else ""
    return f"{label}{who.name}已身故，款项依{proof_words(record)}付至继承人本人账户{signed}：{told}。"


def persons(record: ChangeRequest) -> list[Person]:
    """For 名单核查."""
    return [Person("继承人", row.name, None, (row.id_number,) if row.id_number else ()) for row in record.heirs.all()]


__all__ = [
    "ITEMS", "OF_SUCCESSOR", "OTHER", "SUCCESSION", "by_heirs", "cannot_apply", "findings_of", "groups", "is_among", "is_heir", "left_by",
    "missing_papers", "parts", "payee_words", "persons", "proof_finding", "proof_words", "reason", "succeeds",
]  # fmt: skip
