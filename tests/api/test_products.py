"""险种装入 over the interface: told before it is loaded, loaded by who saw it, by the manager of head office alone."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lifeops.policies.models import Product, ProductVersion
from tests.api.calls import ROOT
from tests.cast import hire
from tests.policies.small_product import rate_rows, write


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "X100")


def preview(client, folder, **told):
    files = [SimpleUploadedFile(f.name, f.read_bytes()) for f in sorted(folder.iterdir())]
    return client.post(f"{ROOT}/products/preview/", {"files": files} | told, format="multipart")


def confirm(client, token):
    return client.post(f"{ROOT}/products/", {"token": token}, format="json")


def test_a_preview_changes_nothing_and_confirming_loads_what_was_told(cast, api, folder):
    client = api(cast.manager)
    told = preview(client, folder)
    assert told.status_code == 200, told.json()
    assert (told.json()["code"], told.json()["outcome"], told.json()["counts"]["费率"]) == ("X100", "new", len(rate_rows()))
    assert not Product.objects.filter(code="X100").exists()
    done = confirm(client, told.json()["token"])
    assert (done.status_code, done.json()["version"]) == (201, told.json()["version"])
    assert ProductVersion.objects.get(product__code="X100").rates.filter(kind="premium").count() == len(rate_rows())
    assert list(confirm(client, told.json()["token"]).json()["errors"]) == ["token"]
    assert preview(client, folder).json()["outcome"] == "same"
    assert "X100" in [row["code"] for row in api(cast.auditor).get(f"{ROOT}/products/").json()]


def test_every_fault_is_told_with_file_and_row(cast, api, tmp_path):
    def change(given, rates, cash):
        rates[1][6], cash[0][6] = "八十", "-1"

    answer = preview(api(cast.manager), write(tmp_path / "X100", change))
    assert answer.status_code == 400
    first, second = answer.json()["errors"]["files"]
    assert "rates.csv 第 3 行" in first and "不是数值" in first and "cash_values.csv" in second
    wrong = preview(api(cast.manager), write(tmp_path / "X200"), sale_from="bald")
    assert list(wrong.json()["errors"]) == ["sale_from"]
    none = api(cast.manager).post(f"{ROOT}/products/preview/", {}, format="multipart")
    assert (none.status_code, list(none.json()["errors"])) == (400, ["files"])


def test_who_looks_and_who_loads(cast, api, folder):
    token = preview(api(cast.manager), folder).json()["token"]
    for who, looks in (("sysadmin", 200), ("auditor", 200), ("secadmin", 403), ("clerk", 403), ("head", 403)):
        client = api(getattr(cast, who))
        assert client.get(f"{ROOT}/products/").status_code == looks, who
        assert preview(client, folder).status_code == confirm(client, token).status_code == 403, who
    for unit in (cast.province, cast.hq):
        # a manager below head office loads nothing; another at head office not what he was not shown
        other = hire(f"manager.{unit.code}", "manager", unit, staff_no=f"M{unit.code}")
        assert confirm(api(other), token).status_code == (400 if unit == cast.hq else 403)
    assert not Product.objects.filter(code="X100").exists()
