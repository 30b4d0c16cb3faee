"""险种装入 on a page: preview before loading, every fault in a table, only the manager of head office loads."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lifeops.policies.models import Product, ProductVersion
from tests.policies.disclosures import load
from tests.policies.small_product import rate_rows, write

URL = "/org/products/"


def sent(folder):
    return {"sent": [SimpleUploadedFile(f.name, f.read_bytes()) for f in sorted(folder.iterdir())]}


@pytest.fixture
def manager(cast, as_user):
    return as_user(cast.manager)


def test_preview_changes_nothing_and_confirming_loads_what_was_shown(manager, tmp_path):
    shown = manager.post(URL, sent(write(tmp_path / "X100")))
    words = shown.content.decode()
    assert shown.status_code == 200 and "预览：X100 样本定期寿险" in words and "新险种" in words
    assert not Product.objects.filter(code="X100").exists()
    token = re.search(r'name="token" value="([^"]+)"', words).group(1)
    assert manager.post(URL, {"token": token}).status_code == 302
    version = ProductVersion.objects.get(product__code="X100")
    assert version.rates.filter(kind="premium").count() == len(rate_rows())
    # the same token once more: nothing is held under it any longer
    assert "预览已过期" in manager.post(URL, {"token": token}).content.decode()
    again = manager.post(URL, sent(tmp_path / "X100")).content.decode()
    assert "与现版本相同" in again and "确认装入" not in again


def test_faults_are_shown_by_file_and_row(manager, tmp_path):
    def change(given, rates, cash):
        rates[1][6], cash[0][6] = "八十", "-1"

    answer = manager.post(URL, sent(write(tmp_path / "X100", change)))
    words = answer.content.decode()
    assert answer.status_code == 400 and "发现 2 处错误，未装入" in words
    assert "数值“八十”不是数值" in words and "小于零" in words and "确认装入" not in words


def test_what_is_no_product_file_is_refused(manager):
    for name, content in (("virus.exe", b"MZ"), ("x.zip", b"PK"), ("rates.csv", b"")):
        answer = manager.post(URL, {"sent": [SimpleUploadedFile(name, content)]})
        assert answer.status_code == 400, name
    assert manager.post(URL, {}).status_code == 400


def test_no_file_is_told_at_the_files_beside_what_else_is_wrong(manager):
    refused = manager.post(URL, {"sale_from": "abc"})
    assert refused.status_code == 400 and set(refused.context["form"].errors) == {"sent", "sale_from"}
    assert refused.context["form"].errors["sent"] == ["请选择文件"]


def test_a_preview_of_another_person_cannot_be_confirmed(cast, client, tmp_path):
    from tests.cast import hire

    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    words = client.post(URL, sent(write(tmp_path / "X100"))).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', words).group(1)
    other = hire("manager2", "manager", cast.hq, staff_no="M0002")
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    assert "预览已过期" in client.post(URL, {"token": token}).content.decode()


def test_who_looks_and_who_loads(cast, as_user, tmp_path):
    files = write(tmp_path / "X100")
    for person, looks in ((cast.sysadmin, 200), (cast.auditor, 200), (cast.clerk, 403), (cast.head, 403)):
        assert as_user(person).get(URL).status_code == looks
        assert as_user(person).post(URL, sent(files)).status_code == 403
    assert not Product.objects.filter(code="X100").exists()


@pytest.mark.shared_data
def test_the_page_of_a_version_tells_benefits_exclusions_clocks_and_tables(manager):
    for code, words in {
        "P611005": ("身故保险金（条款 2.3）：因意外伤害或等待期满后的，基本保险金额", "被保险人斗殴，主动吸食或注射毒品", "核定 5 天", "费率 330 行，每 10000 元保险金额的年交保费", "现金价值 330 行", "5 年 / 趸交", "18 周岁 至 50 周岁"),
        "P415011": ("重度 120 种", "；2 较重急性心肌梗死；", "中度 20 种", "另按计划"), "P214001": ("基础费率与系数 38 行", "整形美容、安装假体、康复（仅适用于医疗责任）"),
        "P411008": ("每 1000 元保费的保险金额",),
    }.items():  # fmt: skip
        [version] = load(code)
        shown = manager.get(reverse("admin:policies_productversion_change", args=[version.pk])).content.decode()
        for word in words:
            assert word in shown, (code, word)
        terms = re.search(r"条款参数.*?保险责任", shown, re.S).group()
        assert not re.search(r">[^<]*[a-z]{3,}[^<]*</div>", terms), (code, terms)
