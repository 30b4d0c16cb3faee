"""健康告知 (facts 4.9): concrete questions only, as new business and 复效 ask them; a duty exists for what was asked
(保险法 16, 司法解释二第6条)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from lifeops.cases.rows import RowsField, RowsWidget

#: Stored with the answers: answers are read against the questions that were on the paper.
VERSION = "2026"
#: code → question. Genetic tests may not be asked (健康保险管理办法 38).
QUESTIONS: dict[str, str] = {
    "1": "近一年体重变化超过 5 公斤",
    "2": "近二年住院、手术，或同一病因门诊超过三次",
    "3": "近五年血压、血液、尿液、心电图、超声、CT、磁共振、内镜、活检结果异常",
    "4": "曾患或被告知肿瘤、肿块、结节、囊肿",
    "5": "曾患高血压、冠心病、心律失常、脑卒中",
    "6": "曾患糖尿病、甲状腺、肝炎、肝硬化、肾脏疾病",
    "7": "曾患肺部疾病、癫痫、精神疾病、抑郁、红斑狼疮、艾滋病",
    "8": "身体残疾、缺损或先天性疾病",
    "9": "目前长期服药",
    "10": "吸烟每日 20 支以上，或饮用白酒每日 250 毫升以上",
    "11": "使用毒品，或参加潜水、攀岩、赛车、飞行等运动",
    "12": "曾被保险公司拒保、延期、加费、除外或解除合同",
    "13": "（女性）怀孕或患妇科疾病",
    "14": "（未满三周岁）早产、低出生体重、产伤或发育异常",
    "15": "父母或兄弟姐妹 60 岁前患癌症、心脑血管疾病",
}


def yes_codes(rows: list[dict[str, str]]) -> list[str]:
    """Questions answered 是."""
    return [row["code"] for row in rows if row["answer"] == "是"]


#: Label of an answer as a summary tells it → as the trail does.
IN_TRAIL = {f"第 {code} 项 {text}": f"第 {code} 项" for code, text in QUESTIONS.items()}


def without_what_was_said(row: dict[str, Any]) -> dict[str, Any]:
    """A changed value {label, before, after} for the trail: of an answer on health that there is one, neither to what nor in which
    words; they stand in the record alone."""
    title, _, name = str(row.get("label", "")).rpartition("·")
    if name not in IN_TRAIL:
        return row
    before, after = ("已说明" if row.get(end) else "" for end in ("before", "after"))
    return {"label": f"{title}·{IN_TRAIL[name]}", "before": before, "after": f"{after}（已改）" if before and after else after}


class HealthWidget(RowsWidget):
    """The questions as printed, an answer and a remark beside each; `name-0-answer` … as in every table."""

    def __init__(self) -> None:
        super().__init__({"code": "编号", "answer": "答", "note": "说明"})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = {row.get("code"): row for row in value if isinstance(row, dict)} if isinstance(value, list) else {}
        body = format_html_join(
            "", "{}", ((self._row(name, number, code, text, given.get(code, {})),) for number, (code, text) in enumerate(QUESTIONS.items()))
        )
        return format_html(
            '<table class="table table-sm rows health"><thead><tr><th>事项</th>'
            '<th>是/否</th><th>说明（答“是”必填） <button type="button" class="btn btn-secondary btn-sm" data-rest="否">其余都答“否”</button></th></tr></thead>'
            "<tbody>{}</tbody></table>", body,
        )

    def _row(self, name: str, number: int, code: str, text: str, row: dict[str, Any]) -> SafeString:
        options = format_html_join(
            "", '<option value="{}"{}>{}</option>',
            ((v, " selected" if row.get("answer", "") == v else "", v or "—") for v in ("", "否", "是")),
        )
        return format_html(
            '<tr><td>{0}. {1}<input type="hidden" name="{2}-{3}-code" value="{0}"></td>'
            '<td><select class="form-select form-select-sm" name="{2}-{3}-answer" aria-label="第 {0} 项 是或否">{4}</select></td>'
            '<td><input class="form-control form-control-sm" name="{2}-{3}-note" value="{5}" maxlength="200" autocomplete="off"'
            ' aria-label="第 {0} 项 说明"></td></tr>',
            code, text, name, number, options, row.get("note", ""),
        )


class HealthField(RowsField):
    """Every question answered, every 是 explained."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(columns={"code": "编号", "answer": "答", "note": "说明"}, **kwargs)
        self.widget = HealthWidget()

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        rows = {row["code"]: row for row in super().to_python(value)}
        wrong: list[str] = []
        found, open_ones = [], []
        for code in QUESTIONS:
            row = rows.get(code) or {"code": code, "answer": "", "note": ""}
            if row["answer"] not in ("是", "否"):
                open_ones.append(code)
            elif row["answer"] == "是" and not row["note"]:
                wrong.append(f"第 {code} 项：答“是”须写明时间、诊断和现状")
            found.append(row)
        if open_ones:
            wrong.insert(0, f"第 {'、'.join(open_ones)} 项：请选择是或否")
        if wrong:
            raise forms.ValidationError(wrong)
        return found
