"""责任免除 of a product in words: product files name each by a label; a label that is not listed here is shown as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

IN_WORDS = {
    "policyholder_intentional_killing_or_injury": "投保人对被保险人的故意杀害、故意伤害",
    "insured_of_main_contract_kills_or_injures_policyholder": "主合同的被保险人对投保人的故意杀害、故意伤害",
    "insured_intentional_crime_or_resisting_coercive_measures": "被保险人故意犯罪或者抗拒依法采取的刑事强制措施",
    "self_harm_crime_or_resisting_coercive_measures": "被保险人故意自伤、故意犯罪或者抗拒依法采取的刑事强制措施",
    "self_harm_crime_fighting": "被保险人故意自伤、故意犯罪、斗殴",
    "self_harm_or_suicide_within_2_years_unless_without_civil_capacity": "被保险人故意自伤，或者自合同成立或效力恢复之日起二年内自杀，但自杀时为无民事行为能力人的除外",
    "suicide_within_2_years_of_formation_unless_without_civil_capacity": "自合同成立之日起二年内自杀，但自杀时为无民事行为能力人的除外",
    "suicide_within_2_years_unless_without_civil_capacity": "自合同成立或效力恢复之日起二年内自杀，但自杀时为无民事行为能力人的除外",
    "suicide_unless_without_civil_capacity": "自杀，但自杀时为无民事行为能力人的除外",
    "provoked_assault": "因被保险人挑衅或故意行为导致的打斗、被袭击或被谋杀",
    "fighting_or_drugs": "被保险人斗殴，主动吸食或注射毒品",
    "drugs": "被保险人主动吸食或注射毒品",
    "drunkenness_or_drugs": "被保险人醉酒，主动吸食或注射毒品",
    "drink_driving_or_invalid_licence_or_invalid_vehicle_registration": "被保险人酒后驾驶、无合法有效驾驶证驾驶，或者驾驶无合法有效行驶证的机动车",
    "hereditary_congenital_or_undisclosed_pre_existing": "遗传性疾病、先天性疾病，或者投保时未如实告知的既往症",
    "hereditary_congenital_except_listed": "遗传性疾病，先天性畸形、变形或染色体异常，合同另有约定的除外",
    "pre_existing_unless_accepted": "投保前已有的疾病或症状，本公司同意承保的除外",
    "hiv_aids_except_listed": "感染艾滋病病毒或患艾滋病，合同另有约定的除外",
    "medicine_not_prescribed_except_otc_as_directed": "未遵医嘱服用、涂用、注射药物，按说明使用非处方药的除外",
    "medicine_without_prescription_over_30_days_or_off_label": "没有处方的药品、超过 30 天用量的药品，或者超出说明书适应症的药品",
    "pregnancy_miscarriage_childbirth": "妊娠、流产、分娩",
    "pregnancy_childbirth_fertility": "妊娠、分娩、不孕不育治疗",
    "medical_malpractice_or_drug_allergy": "医疗事故，药物过敏",
    "mental_disorder": "精神和行为障碍",
    "high_risk_sports": "从事高风险运动",
    "occupational_disease": "职业病",
    "experimental_treatment": "实验性治疗",
    "gene_or_cell_therapy": "基因疗法、细胞免疫疗法",
    "proton_heavy_ion": "质子、重离子治疗",
    "plastic_or_cosmetic_surgery": "整形、美容手术",
    "cosmetic_prosthesis_rehabilitation": "整形美容、安装假体、康复",
    "dental_and_vision_unless_accident": "牙科、视力矫正，因意外伤害所致的除外",
    "prevention_rehabilitation_aids": "预防、康复、保健及辅助器具",
    "artificial_organs_except_listed": "人工器官，合同列明的除外",
    "hospital_not_recognised": "在非约定医疗机构就诊",
    "travel_for_treatment": "以治疗为目的的旅行",
    "war": "战争",
    "war_military_conflict_riot": "战争、军事冲突、暴乱或武装叛乱",
    "nuclear": "核爆炸、核辐射或核污染",
}  # fmt: skip
#: What a label says in brackets: for which benefits alone it holds.
ONLY = {"medical benefit only": "仅适用于医疗责任", "illness benefits only": "仅适用于疾病责任"}
CONSEQUENCES = {"cash value to the beneficiary": "向受益人退还现金价值", "cash value to the policyholder": "向投保人退还现金价值"}


def in_words(label: str) -> str:
    name, _, rest = label.partition(" (")
    found = IN_WORDS.get(name)
    if found is None or not rest:
        return found or label
    only = rest.rstrip(")")
    return f"{found}（{ONLY.get(only, only)}）"


def chinese(number: int) -> str:
    """1 to 99 as clauses count: 一, 十, 十二, 二十三."""
    signs = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return f"{'' if tens == 0 else '十' if tens == 1 else signs[tens] + '十'}{signs[ones] if ones or not tens else ''}"


def exclusions_of(definition: Mapping[str, Any]) -> tuple[list[str], str]:
    """Each 责任免除 in words, and the article of the terms; nothing where the product states none."""
    stated = definition.get("exclusions") or {}
    return [in_words(label) for label in stated.get("labels") or []], str(stated.get("article") or "")


def handling_of(definition: Mapping[str, Any]) -> str:
    """What becomes of the contract then, where the terms say so in words known here."""
    told = (definition.get("exclusions") or {}).get("consequence") or {}
    first, others = (CONSEQUENCES.get(str(told.get(key)), "") for key in ("policyholder_killing_or_injury", "others"))
    if not first or not others:
        return ""
    return f"投保人故意造成被保险人身故或伤害的，本合同终止，{first}；发生其他情形的，本合同终止，{others}。"


def excludes_drink_driving(definition: Mapping[str, Any]) -> bool:
    """酒后驾驶 is among the 责任免除; of a product that states none it is taken to be."""
    labels = (definition.get("exclusions") or {}).get("labels") or []
    return not labels or any(label.startswith("drink_driving") or "酒后" in label or "酒驾" in label for label in labels)
