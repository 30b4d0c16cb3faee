"""The demonstration's company: one head office, 3 分公司, 6 中支, 12 支公司, and sixty people in all posts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import make_password

from lifeops.org.models import Branch, Level, Posting, Role, User

PROVINCES = (("01", "甲"), ("02", "乙"), ("03", "丙"))
#: username → (name, role, grade, unit code): the documented accounts
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
#: Colleagues at headquarters: (role, grade, names)
HEADQUARTERS = (
    (Role.UNDERWRITER, 1, ("戚雨", "谢林")), (Role.UNDERWRITER, 2, ("邹平",)), (Role.PS_REVIEWER, 1, ("喻楠", "柏清")),
    (Role.PS_REVIEWER, 2, ("水墨",)), (Role.CL_REVIEWER, 1, ("窦一", "章程")), (Role.CL_REVIEWER, 2, ("云帆",)),
    (Role.APPROVER, 1, ("苏木",)), (Role.APPROVER, 3, ("潘越",)),
)  # fmt: skip
#: Posts of a fully staffed counter beside 受理: a person may hold two.
COUNTER = ((Role.ENTRY, Role.SCAN), (Role.QUERY, Role.INVESTIGATOR), (Role.ISSUE, Role.ARCHIVE), (Role.HEAD,))
#: Units that work with a full counter, beside the documented one.
FULL = ("86010102", "86020101", "86030101", "86020201")
GIVEN = "安博超丹恩芳刚海佳凯岚敏宁鹏晴荣珊涛薇欣雅哲"
SURNAMES = "范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹"


@dataclass
class Team:
    """Who does what at one counter."""

    branch: Branch
    posts: dict[str, User] = field(default_factory=dict)

    def __getitem__(self, role: str) -> User:
        return self.posts[role]

    @property
    def is_full(self) -> bool:
        return Role.ARCHIVE in self.posts


@dataclass
class Company:
    """Units by code, people by account, teams by unit code."""

    units: dict[str, Branch] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)


def make_company() -> Company:
    """Write units and people; everybody signs in with `DEMO_PASSWORD`."""
    company = Company(units=make_units())
    # hashing is slow on purpose; the demonstration has one password, so it is hashed once
    password = make_password(settings.DEMO_PASSWORD)
    counter = iter(f"{s}{GIVEN[(7 * n) % len(GIVEN)]}" for n, s in enumerate(SURNAMES))

    def hire(username: str, name: str, code: str, *roles: str, grade: int = 1) -> User:
        branch = company.units[code]
        user = User.objects.create(
            username=username, name=name, staff_no=f"D{len(company.people) + 1:04d}", branch=branch, password=password,
            email=f"{username}@example.invalid",
        )
        for role in roles:
            Posting.objects.create(user=user, role=role, branch=branch, grade=grade, starts_on=date(2020, 1, 1))
            if branch.level == Level.COUNTY:
                company.teams.setdefault(code, Team(branch)).posts.setdefault(role, user)
        company.people[username] = user
        return user

    for username, (name, role, grade, code) in PEOPLE.items():
        hire(username, name, code, role, grade=grade)
    for role, grade, names in HEADQUARTERS:
        for number, name in enumerate(names, start=1):
            hire(f"{role.replace('_', '.')}.{grade}{number}", name, "86", role, grade=grade)
    for code, unit in company.units.items():
        if unit.level != Level.COUNTY:
            continue
        if Role.INTAKE not in company.teams.get(code, Team(unit)).posts:
            hire(f"intake.{code[2:]}", next(counter), code, Role.INTAKE)
        if code in FULL:
            for roles in COUNTER:
                hire(f"{roles[0]}.{code[2:]}", next(counter), code, *roles)
    for province, _ in PROVINCES:
        hire(f"head.{province}", next(counter), f"86{province}", Role.HEAD)
    return company


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
