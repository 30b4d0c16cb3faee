"""健康告知 (facts 4.9): concrete questions only; a duty exists for what was asked (保险法 16, 司法解释二第6条)."""

from __future__ import annotations

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
