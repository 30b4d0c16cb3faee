"""Entry of what heirs collect: by what they are known, who they all are, and to which account of his own each is paid."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from lifeops.cases.models import Case
from lifeops.cases.rows import RowsField
from lifeops.org.models import User
from lifeops.org.text import half_width
from lifeops.policies.identity import check_identity, normalise_id
from lifeops.policies.models import IdType, Party
from lifeops.policies.rules.benefits import shares_error
from lifeops.policies.rules.lines import plain
from lifeops.policies.services.parties import holder_of
from servicing.forms import RELATIONS
from servicing.heirs import by_heirs, is_among, left_by
from servicing.models import ChangeRequest, Heir, HeirProof
from servicing.payee_form import OF_THIRD, AccountForm, ChangeForm
from servicing.shares import read_share

#: So many heirs at most: what is paid to each is told on one paper.
MOST = 10
#: What is asked of who collects for himself, and of heirs.
OF_PAYEE = ("payee_kind", *AccountForm.kept, *OF_THIRD)
PROOF = ("heir_proof", "heir_paper")
OF_HEIRS = (*PROOF, "heirs")
COLUMNS = ("name", "relation", "id_type", "id_number", "share_pct", "bank", "account")


class ProofForm(ChangeForm):
    """By what an heir is known, of whoever asks as one."""

    heir_proof = forms.ChoiceField(label="继承依据", choices=[("", "请选择"), *HeirProof.choices], required=False)
    heir_paper = forms.CharField(label="文书编号", max_length=60, required=False, help_text="公证书、裁判文书的编号")

    def ask_proof(self, data: dict[str, Any]) -> None:
        """An agreement has no number, the others have."""
        if "heir_proof" in self.errors:
            return
        if not data.get("heir_proof"):
            self.add_error("heir_proof", "请选择继承依据")
        elif data["heir_proof"] != HeirProof.AGREEMENT and not (data.get("heir_paper") or "").strip() and "heir_paper" not in self.errors:
            self.add_error("heir_paper", "请填写公证书或法律文书的编号")


class HeirsForm(ProofForm):
    """Beside the payee of who collects for himself: a case of 继承人 asks for the heirs in his place."""

    heirs = RowsField(
        label="全体继承人",
        columns={
            "name": "姓名", "relation": "是死者的", "id_type": "证件类型", "id_number": "证件号码", "share_pct": "份额%", "bank": "开户行",
            "account": "账号",
        },
        widths={"name": 10, "relation": 12, "id_type": 11, "id_number": 23, "share_pct": 7, "bank": 13, "account": 24},
        need=("name", "relation", "id_number", "bank", "account"), asks={"relation": "请选择与被继承人的关系"},
        choices={"relation": RELATIONS, "id_type": IdType.choices},
        help_text="份额合计须为 100%，全部留空为均分；各付至本人账户，一人继承全部的只填一人",
    )  # fmt: skip
    cards = {"heirs": "id_type"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case is None:
            return
        for name in OF_PAYEE if by_heirs(self.case) else OF_HEIRS:
            self.fields.pop(name, None)

    def clean_heirs(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        wrong: list[str] = []
        seen: dict[str, int] = {}
        for number, raw in enumerate(self.cleaned_data["heirs"], start=1):
            row, known, errors = self._read(raw)
            # by whatever document, on file it is one customer
            names = {row["id_number"]} if known is None else {row["id_number"], str(known.pk)}
            account = f"account {row['account']}"
            if names & seen.keys():
                errors.append("同一人不能重复登记")
            elif account in seen:
                errors.append(f"收款账号与第 {seen[account]} 行相同，各继承人须付至本人账户")
            seen = dict.fromkeys((*names, account), number) | seen
            wrong += [f"第 {number} 行：{words}" for words in errors]
            rows.append(row)
        if len(rows) > MOST:
            wrong.append(f"继承人至多 {MOST} 人；更多的请由继承权公证书确定一人或数人领取")
        if not wrong and (error := shares_error((1, row["share_pct"]) for row in rows)):
            wrong.append(error.replace("第 1 顺序的受益份额", "继承份额"))
        if wrong:
            raise forms.ValidationError(wrong)
        return rows

    def _read(self, raw: dict[str, str]) -> tuple[dict[str, Any], Party | None, list[str]]:
        """One heir from what was typed, who that is on file, and what is wrong with it."""
        errors: list[str] = []
        case = self.case
        row: dict[str, Any] = {
            "name": raw["name"], "relation": raw["relation"], "id_type": raw["id_type"] or IdType.RESIDENT, "id_number": normalise_id(raw["id_number"]),
            "share_pct": read_share(raw["share_pct"], errors) if raw["share_pct"] else None, "bank": raw["bank"],
            "account": re.sub(r"[\s-]+", "", half_width(raw["account"])),
        }
        if len(row["name"]) > 60 or len(row["bank"]) > 60:
            errors.append("姓名、开户行不能超过 60 字")
        day = case.submitted_on if case is not None else timezone.localdate()
        errors += check_identity(id_type=row["id_type"], number=row["id_number"], on=day).errors.values()
        if not re.fullmatch(r"[0-9]{8,30}", row["account"]):
            errors.append("账号应为 8 至 30 位数字")
        known = holder_of(row["id_type"], row["id_number"])
        if known is not None and known.name != row["name"]:
            errors.append(f"证件号码已登记在“{known.name[:1]}**”名下，与“{row['name']}”不一致，请核对证件")
        if known is not None and case is not None and by_heirs(case) and known.pk == left_by(case.contract, case.item)[0].pk:
            errors.append("继承人不能是被继承人本人")
        return row, known, errors

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in (*AccountForm.kept, *OF_THIRD, *PROOF):
            if name not in self.fields:
                data[name] = ""
        if by_heirs(self.case) and self.pays(data):
            self._asked(data)
        return data

    def pays(self, data: dict[str, Any]) -> bool:
        """Whether anything is paid to the heirs."""
        return True

    def _asked(self, data: dict[str, Any]) -> None:
        self.ask_proof(data)
        if "heirs" in self.errors:
            return
        rows, applicant = data.get("heirs") or [], self.its_case.applicant
        if not rows:
            self.add_error("heirs", "请登记全体继承人")
        elif applicant is not None and not is_among(applicant, ((row["id_type"], row["id_number"]) for row in rows)):
            self.add_error("heirs", f"申请人 {applicant.name} 不在所列继承人之中：须由继承人本人申请")

    def save(self, case: Case, actor: User, now: datetime) -> ChangeRequest:
        record = super().save(case, actor, now)
        record.heirs.all().delete()
        for row in self.cleaned_data.get("heirs") or []:
            Heir.objects.create(request=record, **row)
        return record

    @classmethod
    def initial_for(cls, case: Case) -> dict[str, Any]:
        found, record = super().initial_for(case), case.record
        if not by_heirs(case):
            return found
        if record is not None:
            return found | {"heirs": [_as_row(row) for row in record.heirs.all()]}
        applicant = case.applicant
        first = {"name": applicant.name, "id_type": applicant.id_type, "id_number": applicant.id_number} if applicant else {}
        return found | {"heirs": [first] if first else []}


def _as_row(row: Heir) -> dict[str, str]:
    """An heir as the table of the form shows it."""
    share = "" if row.share_pct is None else plain(Decimal(row.share_pct))
    return {name: str(getattr(row, name)) for name in COLUMNS} | {"share_pct": share}
