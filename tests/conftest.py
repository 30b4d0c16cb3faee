"""Fixtures: the servers are real, the rules are the defaults, the people are the cast."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings as live
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from tests.browser.screens import chromium_path, opened_screens
from tests.cast import Cast, cast_on_file, make_cast
from tests.kept import Kept, emptied, keep, made, put_back

# how long an example takes says how busy the machine is, not whether the code is right
settings.register_profile("facts", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("facts")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
#: Rows of a fresh installation, and those of the cast.
RULES: Kept = {}
PEOPLE: Kept = {}
NO_TRUNCATE = (("cases_caseevent", "event_no_truncate"), ("cases_custodysegment", "custody_no_truncate"))


def pytest_configure(config: pytest.Config) -> None:
    """What is counted in Redis by one worker is no business of the others."""
    live.CACHES["default"]["KEY_PREFIX"] += os.environ.get("PYTEST_XDIST_WORKER", "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the reference data beside the project its tests are left out, and say so; in CI every one runs."""
    for item in items:
        if item.get_closest_marker("shared_data") and not SHARED.exists():
            item.add_marker(pytest.mark.skip(reason="没有 ../shared 参考数据，此用例未运行"))
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))
            if not chromium_path():
                item.add_marker(pytest.mark.skip(reason="没有 Chromium，此用例未运行"))


DJANGOS_WAY = TransactionTestCase._fixture_teardown


def _emptied_after_the_test(test: TransactionTestCase) -> None:
    if not emptied():
        DJANGOS_WAY(test)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database carries the default rules, as a fresh installation does."""
    TransactionTestCase._fixture_teardown = _emptied_after_the_test
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            for table, trigger in NO_TRUNCATE:
                # transactional tests empty tables; the trigger that forbids it has a test of its own
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        load_defaults()
        RULES.update(keep())
        PEOPLE.update(made(make_cast))


def load_defaults() -> None:
    with open(os.devnull, "w") as nowhere:
        call_command("load_defaults", stdout=nowhere)


@pytest.fixture(autouse=True)
def _fresh_caches(settings, tmp_path):
    """Rules are cached per process; files of a test stay in its folder."""
    from lifeops.org.held import forget_all

    forget_all()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


@pytest.fixture
def cast(db) -> Cast:
    put_back(PEOPLE)
    return cast_on_file()


@pytest.fixture
def transactional_cast(transactional_db) -> Cast:
    """The cast for tests with several connections; the tables were emptied before, so the rules are put back."""
    put_back(RULES | PEOPLE)
    return cast_on_file()


@pytest.fixture
def as_user(client):
    """`as_user(cast.clerk)` → the test client signed in as that person."""

    def sign_in(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def api():
    """`api(cast.clerk)` → a client of the interface that is that person; `api()` → a stranger."""
    from tests.api.calls import client_of

    return client_of


@pytest.fixture(scope="session")
def shared() -> Path:
    return SHARED


@pytest.fixture
def screens(live_server):
    """`screens()` opens a browser's screen, or one more; none may end with a script's fault."""
    with opened_screens(live_server.url) as open_screen:
        yield open_screen


@pytest.fixture
def screen(screens):
    return screens()
