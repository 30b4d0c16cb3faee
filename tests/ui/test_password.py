"""修改密码: everybody with a post, with the old one, under the rules for new ones."""

from __future__ import annotations

OLD = "an-old-password-2026"
NEW = "a-new-password-2026"


def change(client, old: str, new: str, again: str):
    return client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": again})


def test_a_person_changes_the_own_password_and_stays_signed_in(cast, as_user):
    cast.scan.set_password(OLD)
    cast.scan.save()
    client = as_user(cast.scan)
    assert "修改密码" in client.get("/password/").content.decode()
    assert change(client, OLD, NEW, NEW)["Location"] == "/"
    cast.scan.refresh_from_db()
    assert cast.scan.check_password(NEW)
    assert client.get("/password/").status_code == 200


def test_a_wrong_old_one_and_a_weak_new_one_are_refused(cast, as_user):
    cast.scan.set_password(OLD)
    cast.scan.save()
    client = as_user(cast.scan)
    assert change(client, "not-it", NEW, NEW).status_code == 200
    assert change(client, OLD, "1234567890", "1234567890").status_code == 200
    assert change(client, OLD, NEW, "another").status_code == 200
    cast.scan.refresh_from_db()
    assert cast.scan.check_password(OLD)


def test_nobody_unknown_comes_to_it(client, db):
    assert client.get("/password/")["Location"].startswith("/login/")
