"""The three who administer a fresh installation: from then on every post, limit and account takes two persons."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from lifeops.org.models import Branch, Level, Posting, Role, User

PEOPLE = (
    ("sysadmin", "A0001", "系统管理员", Role.SYSADMIN),
    ("secadmin", "A0002", "安全管理员", Role.SECADMIN),
    ("secadmin.b", "A0003", "安全管理员（复核）", Role.SECADMIN),
)


class Command(BaseCommand):
    help = "全新安装时建立总公司与三个管理账号，密码只显示一次；已有任岗时拒绝"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--code", default="86", help="总公司机构代码")
        parser.add_argument("--name", required=True, help="总公司名称")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            if Posting.objects.exists():
                raise CommandError("已有任岗，不能再建首批管理账号；请经变更申请办理")
            office, _ = Branch.objects.get_or_create(
                level=Level.HEAD_OFFICE, defaults={"code": options["code"], "name": options["name"], "short_name": "总公司"}
            )
            told = []
            for username, number, name, role in PEOPLE:
                password = secrets.token_urlsafe(12)
                user = User.objects.create_user(username, password=password, staff_no=number, name=name, branch=office)
                Posting.objects.create(user=user, role=role, branch=office, starts_on=timezone.localdate())
                told.append((username, password, role.label))
        for username, password, label in told:
            self.stdout.write(f"{username:<12}{password:<20}{label}")
        self.stdout.write("请各自登录后立即修改密码（右上角钥匙）；系统管理岗与安全管理岗须由不同的人担任")
