"""The demonstration's company: one head office, 3 分公司, 6 中支, 12 支公司, and the documented people."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from lifeops.org.models import Branch, Level, Posting, Role, User

PROVINCES = (("01", "甲"), ("02", "乙"), ("03", "丙"))
#: username → (name, role, grade, unit code)
PEOPLE = {
    "clerk.a": ("周晓岚", Role.INTAKE, 1, "86010101"), "clerk.b": ("吴俊", Role.INTAKE, 1, "86020101"),
    "entry.a": ("郑小满", Role.ENTRY, 1, "86010101"), "scan.a": ("冯立", Role.SCAN, 1, "86010101"),
    "query.a": ("陈思远", Role.QUERY, 1, "86010101"), "investigator.a": ("褚卫", Role.INVESTIGATOR, 1, "86010101"),
    "issue.a": ("卫青禾", Role.ISSUE, 1, "86010101"), "archive.a": ("蒋文", Role.ARCHIVE, 1, "86010101"),
    "head.a": ("沈国栋", Role.HEAD, 1, "86010101"), "uw.junior": ("韩冰", Role.UNDERWRITER, 1, "86"),
    "uw.senior": ("杨帆", Role.UNDERWRITER, 3, "86"), "ps.reviewer": ("朱一鸣", Role.PS_REVIEWER, 1, "86"),
    "cl.junior": ("秦岭", Role.CL_REVIEWER, 1, "86"), "cl.senior": ("尤嘉", Role.CL_REVIEWER, 3, "86"),
    "approver": ("许诺", Role.APPROVER, 2, "86"), "approver.high": ("何静", Role.APPROVER, 4, "86"),
    "manager": ("吕志远", Role.MANAGER, 1, "86"), "auditor": ("施明", Role.AUDITOR, 1, "86"),
    "sysadmin": ("张工", Role.SYSADMIN, 1, "86"), "secadmin": ("孔安", Role.SECADMIN, 1, "86"),
    "secadmin.b": ("曹宁", Role.SECADMIN, 1, "86"),
}  # fmt: skip


def make_units() -> dict[str, Branch]:
    """The tree by unit code."""
    units: dict[str, Branch] = {}

    def unit(code: str, name: str, level: int, parent: str) -> None:
        row = Branch(code=code, name=name, short_name=name, level=level, parent=units.get(parent))
        row.save()
        units[code] = row

    unit("86", "总公司", Level.HEAD_OFFICE, "")
    for province, name in PROVINCES:
        unit(f"86{province}", f"{name}分公司", Level.PROVINCE, "86")
        for city in ("01", "02"):
            unit(f"86{province}{city}", f"{name}{'一二'[int(city) - 1]}中心支公司", Level.CITY, f"86{province}")
            for county in ("01", "02"):
                code = f"86{province}{city}{county}"
                unit(code, f"{name}{'一二'[int(city) - 1]}{'东西'[int(county) - 1]}支公司", Level.COUNTY, f"86{province}{city}")
    return units


def hire(units: dict[str, Branch]) -> dict[str, User]:
    """The documented accounts, all with `DEMO_PASSWORD`."""
    people = {}
    for number, (username, (name, role, grade, code)) in enumerate(PEOPLE.items(), start=1):
        user = User(
            username=username, name=name, staff_no=f"D{number:04d}", branch=units[code], email=f"{username}@example.invalid"
        )
        user.set_password(settings.DEMO_PASSWORD)
        user.save()
        Posting.objects.create(user=user, role=role, branch=units[code], grade=grade, starts_on=date(2020, 1, 1))
        people[username] = user
    return people
