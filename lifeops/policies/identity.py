"""身份证件与电话: what can be known of a number without asking anybody. Pure.

Resident identity cards follow GB 11643: six digits region, eight digits birth date, three digits sequence (odd: male),
one check character (ISO 7064 MOD 11-2). The region is not looked up: regions are abolished and renamed, cards stay
valid. Regions 99xxxx exist nowhere and mark invented persons; they pass with a remark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
#: How the numbers of the other documents look, and what is said when they do not.
SHAPES: dict[str, tuple[str, str]] = {
    "passport": (r"[A-Z0-9]{5,20}", "护照号码应为 5 至 20 位字母或数字"),
    "birth": (r"[A-Z]\d{9}", "出生医学证明编号应为 1 位字母加 9 位数字"),
    "hm_permit": (r"[HM]\d{8}(\d{2})?", "港澳居民来往内地通行证号码应为 H 或 M 加 8 位或 10 位数字"),
    "tw_permit": (r"\d{8}|\d{10}[A-Z0-9]?", "台湾居民来往大陆通行证号码应为 8 位数字，旧证为 10 位数字及一位校验"),
}
#: GB 32100: no I, O, S, V, Z.
USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
RESIDENT_TYPES = frozenset({"resident", "foreign_resident", "hmt_resident"})
CARD = re.compile(r"^\d{17}[\dX]$")
MOBILE = re.compile(r"^1[3-9]\d{9}$")
LANDLINE = re.compile(r"^0\d{2,3}\d{7,8}$")
OLDEST = date(1900, 1, 1)


@dataclass
class IdentityCheck:
    """Outcome of a check: errors per field (`id_number`, `birth_date`, `sex`, `id_valid_to`), remarks, derived facts."""

    errors: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    birth_date: date | None = None
    sex: str = ""
    is_invented: bool = False

    @property
    def ok(self) -> bool:
        return not self.errors


def normalise_id(text: str) -> str:
    """Half-width, upper case, no blanks: what is stored and indexed."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()


def card_check_character(first17: str) -> str:
    """Check character of a resident card from its first 17 digits."""
    return CHECKS[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


def compose_card(*, region: str, birth_date: date, sequence: int) -> str:
    """A well-formed card number (used for invented persons with region 99xxxx). Odd sequence: male, even: female."""
    first17 = f"{region}{birth_date:%Y%m%d}{sequence:03d}"
    return first17 + card_check_character(first17)


def card_birth_date(number: str) -> date | None:
    """Birth date in an 18-character card number, or None when it is no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def check_identity(
    *,
    id_type: str,
    number: str,
    on: date,
    birth_date: date | None = None,
    sex: str = "",
    valid_to: date | None = None,
) -> IdentityCheck:
    """Check a document against itself and against what was declared (facts 2.1 check 3).

    `on` is the day of application: later births are refused and a document must still be valid on it.
    """
    result = IdentityCheck(birth_date=birth_date, sex=sex)
    number = normalise_id(number)
    if valid_to is not None and valid_to < on:
        result.errors["id_valid_to"] = f"证件已于 {valid_to} 到期"
    if birth_date is not None and birth_date > on:
        result.errors["birth_date"] = "出生日期晚于申请日"
    if id_type == "uscc":
        if words := uscc_error(number):
            result.errors["id_number"] = words
        return result
    if id_type == "foreign_resident" and re.fullmatch(r"[A-Z]{3}\d{12}", number):
        _check_old_foreign_card(result, number, birth_date)
        return result
    if id_type not in RESIDENT_TYPES:
        pattern, words = SHAPES.get(id_type, ("", ""))
        if pattern and not re.fullmatch(pattern, number):
            result.errors["id_number"] = words
        elif not re.fullmatch(r"[A-Z0-9\-()一-龥]{5,30}", number):
            result.errors["id_number"] = "证件号码应为 5 至 30 位字母或数字"
        return result
    _check_card(result, id_type, number, on, birth_date, sex)
    return result


def uscc_error(text: str) -> str:
    """Chinese message when `text` is no 统一社会信用代码 (GB 32100: 18 signs, the last a check sign), else ""."""
    code = normalise_id(text)
    if not re.fullmatch(rf"[{USCC_SIGNS}]{{18}}", code):
        return "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）"
    total = sum(USCC_SIGNS.index(sign) * pow(3, n, 31) for n, sign in enumerate(code[:17]))
    return "" if USCC_SIGNS[(31 - total % 31) % 31] == code[17] else "统一社会信用代码校验位不符，请核对是否录错"


def _check_old_foreign_card(result: IdentityCheck, number: str, birth_date: date | None) -> None:
    """Cards before 2023: nationality, place, birth date as yymmdd, sequence and check digit."""
    month, day = int(number[9:11]), int(number[11:13])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        result.errors["id_number"] = "永久居留证号码中的出生日期不存在"
    elif birth_date is not None and f"{birth_date:%y%m%d}" != number[7:13]:
        result.errors["birth_date"] = "出生日期与永久居留证号码不一致"


def mask_address(text: str) -> str:
    """浙江省杭州市******: the first six characters, of short ones the first half; the rest is not shown."""
    return text[: min(6, len(text) // 2)] + "******" if len(text) > 6 else "*" * len(text)


def mask_email(text: str) -> str:
    """a******@example.com: the first sign and where the mailbox is kept."""
    name, at, place = text.partition("@")
    return f"{name[:1]}******{at}{place}" if at else "*" * len(text)


def mask_of(name: str) -> Callable[[str], str] | None:
    """How a column is masked, told by the end of its name; None where it is no number, mailbox or address of a person."""
    ways = (("id_number", mask_id), ("phone", mask_phone), ("email", mask_email), ("address", mask_address), ("account", mask_account),
            ("account_number", mask_account))  # fmt: skip
    return next((way for end, way in ways if name.endswith(end)), None)


def masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values, and rows of values, with numbers, mailboxes and addresses as on screens that only show."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        way = mask_of(name)
        if isinstance(value, list):
            found[name] = [masked(row) if isinstance(row, Mapping) else row for row in value]
        else:
            found[name] = way(value) if way and value else value
    return found


def mask_change(before: str, after: str, way: Callable[[str], str]) -> tuple[str, str]:
    """Both masked; where the mask hides the difference, it is said that there is one."""
    old, new = way(before), way(after)
    return old, f"{new}（已改）" if new and new == old and before != after else new


def _check_card(result: IdentityCheck, id_type: str, number: str, on: date, birth_date: date | None, sex: str) -> None:
    if not CARD.match(number):
        result.errors["id_number"] = "身份证号码应为 18 位，前 17 位为数字，末位为数字或 X"
        return
    if card_check_character(number[:17]) != number[17]:
        result.errors["id_number"] = "身份证号码校验位不符，请核对是否录错"
        return
    born = card_birth_date(number)
    if born is None or born < OLDEST:
        result.errors["id_number"] = "身份证号码中的出生日期不存在"
        return
    if born > on:
        result.errors["id_number"] = "身份证号码中的出生日期晚于申请日"
        return
    card_sex = "M" if int(number[16]) % 2 else "F"
    if birth_date is not None and birth_date != born:
        result.errors["birth_date"] = f"出生日期与身份证号码（{born}）不一致"
    if sex and sex != card_sex:
        result.errors["sex"] = f"性别与身份证号码（{'男' if card_sex == 'M' else '女'}）不一致"
    result.birth_date, result.sex = birth_date or born, sex or card_sex
    if id_type == "hmt_resident" and number[:2] not in ("81", "82", "83", "99"):
        result.errors["id_number"] = "港澳台居民居住证号码应以 81、82 或 83 开头"
    if id_type == "foreign_resident" and number[0] != "9":
        result.errors["id_number"] = "外国人永久居留身份证号码应以 9 开头"
    if number.startswith("99") and id_type != "foreign_resident":
        result.is_invented = True
        result.remarks.append("行政区划 99 不存在：演示用虚构证件")


def normalise_phone(text: str) -> str:
    """Digits of a mainland number without country code; "" stays ""."""
    digits = re.sub(r"[\s\-()]+", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(\+?86|0086)(?=1)", "", digits)


def phone_error(text: str) -> str:
    """Chinese message when `text` is neither a mobile nor a landline number with area code, else ""."""
    number = normalise_phone(text)
    if MOBILE.match(number) or LANDLINE.match(number):
        return ""
    return "电话应为 11 位手机号码或带区号的固定电话"


def is_mobile(text: str) -> bool:
    return bool(MOBILE.match(normalise_phone(text)))


def mask_id(number: str) -> str:
    """990***********7948: first three, last four. Numbers of less than twelve signs show the first and the last two,
    very short ones the last two only: of a passport the greater part stays behind the mask."""
    if 8 <= len(number) < 12:
        return number[0] + "*" * (len(number) - 3) + number[-2:]
    if len(number) < 8:
        return "*" * max(0, len(number) - 2) + number[-2:]
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def mask_phone(number: str) -> str:
    """199****1234."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 7 else "*" * len(number)


def mask_account(number: str) -> str:
    """**** **** 1234: an account shows its last four only."""
    return f"**** **** {number[-4:]}" if number else ""
