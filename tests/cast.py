"""The cast: a small company whose units and people every test knows by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from lifeops.org.models import Branch, Level, Posting, Role, User

#: username → (role, grade, unit key)
PEOPLE = {
    "clerk": (Role.INTAKE, 1, "county"),
    "entry": (Role.ENTRY, 1, "county"),
    "scan": (Role.SCAN, 1, "county"),
    "query": (Role.QUERY, 1, "county"),
    "investigator": (Role.INVESTIGATOR, 1, "county"),
    "issue": (Role.ISSUE, 1, "county"),
    "archive": (Role.ARCHIVE, 1, "county"),
    "head": (Role.HEAD, 1, "county"),
    "other_clerk": (Role.INTAKE, 1, "other"),
    "other_entry": (Role.ENTRY, 1, "other"),
    "other_scan": (Role.SCAN, 1, "other"),
    "other_query": (Role.QUERY, 1, "other"),
    "other_issue": (Role.ISSUE, 1, "other"),
    "other_archive": (Role.ARCHIVE, 1, "other"),
    "other_head": (Role.HEAD, 1, "other"),
    "underwriter": (Role.UNDERWRITER, 1, "hq"),
    "underwriter2": (Role.UNDERWRITER, 3, "hq"),
    "ps_reviewer": (Role.PS_REVIEWER, 1, "hq"),
    "ps_reviewer2": (Role.PS_REVIEWER, 2, "hq"),
    "cl_reviewer": (Role.CL_REVIEWER, 1, "hq"),
    "cl_reviewer2": (Role.CL_REVIEWER, 3, "hq"),
    "approver": (Role.APPROVER, 2, "hq"),
    "approver_high": (Role.APPROVER, 4, "hq"),
    "manager": (Role.MANAGER, 1, "hq"),
    "auditor": (Role.AUDITOR, 1, "hq"),
    "sysadmin": (Role.SYSADMIN, 1, "hq"),
    "secadmin": (Role.SECADMIN, 1, "hq"),
    "secadmin2": (Role.SECADMIN, 1, "hq"),
}
PASSWORD = "tests-only-password-1"


@dataclass
class Cast:
    """`cast.clerk`, `cast.county` …: people and units by name."""

    units: dict[str, Branch] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Branch | User:
        for found in (self.__dict__["people"], self.__dict__["units"]):
            if name in found:
                return found[name]
        raise AttributeError(name)


def make_unit(code: str, name: str, level: int, parent: Branch | None) -> Branch:
    unit = Branch(code=code, name=name, short_name=name, level=level, parent=parent)
    unit.save()
    return unit


def hire(username: str, role: str, branch: Branch, grade: int = 1, staff_no: str = "") -> User:
    """A person with one posting from the start of 2026."""
    user = User(
        username=username, staff_no=staff_no or username[:20], name=f"{Role(role).label}{username}"[:40], branch=branch,
        email=f"{username}@example.invalid",
    )
    user.set_password(PASSWORD)
    user.save()
    Posting.objects.create(user=user, role=role, branch=branch, grade=grade, starts_on=date(2020, 1, 1))
    return user


#: Unit → (code, name, level, unit above)
UNITS = {
    "hq": ("86", "总公司", Level.HEAD_OFFICE, ""),
    "province": ("8601", "甲分公司", Level.PROVINCE, "hq"),
    "city": ("860101", "甲中心支公司", Level.CITY, "province"),
    "county": ("86010101", "甲支公司", Level.COUNTY, "city"),
    "other_province": ("8602", "乙分公司", Level.PROVINCE, "hq"),
    "other": ("86020101", "乙支公司", Level.COUNTY, "other_province"),
}


def make_cast() -> Cast:
    """One head office, two provinces, a county unit in each."""
    cast = Cast()
    for key, (code, name, level, above) in UNITS.items():
        cast.units[key] = make_unit(code, name, level, cast.units[above] if above else None)
    for number, (username, (role, grade, unit)) in enumerate(PEOPLE.items(), start=1):
        cast.people[username] = hire(username, role, cast.units[unit], grade, staff_no=f"T{number:04d}")
    return cast


def cast_on_file() -> Cast:
    """The cast as its rows have it."""
    cast = Cast()
    units = {unit.code: unit for unit in Branch.objects.all()}
    for key, (code, _, _, above) in UNITS.items():
        cast.units[key] = units[code]
        cast.units[key].parent = cast.units[above] if above else None
    people = {person.username: person for person in User.objects.all()}
    for username, (_, _, unit) in PEOPLE.items():
        cast.people[username] = people[username]
        cast.people[username].branch = cast.units[unit]
    return cast
