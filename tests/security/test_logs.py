"""Logs say what went wrong and nothing of what the papers say."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction

from lifeops.org.quiet import QuietFormatter, without_rows
from tests.factories import make_party


def logged(error_of):
    """What the formatter of the settings makes of an error as Django logs it."""
    try:
        with transaction.atomic():
            error_of()
    except (IntegrityError, DataError):
        record = logging.LogRecord("django.request", logging.ERROR, "x", 1, "Internal Server Error: %s", ("/x/",), sys.exc_info())
        given = settings.LOGGING["formatters"]["line"]
        assert given["()"] == "lifeops.org.quiet.QuietFormatter"
        return QuietFormatter(given["format"], style=given["style"]).format(record)
    raise AssertionError("nothing went wrong")


def test_the_row_the_database_refuses_is_not_in_the_log(db):
    party = make_party(name="机密姓名", address="机密路 1 号\n二行")

    def broken():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE policies_party SET merged_into_id = id WHERE id = %s", [party.pk])

    text = logged(broken)
    assert "party_not_into_itself" in text and "Traceback" in text and "Internal Server Error: /x/" in text
    assert "机密" not in text and "二行" not in text and "DETAIL" not in text


def test_nor_is_the_statement_with_what_was_keyed(db):
    def broken():
        with connection.cursor() as cursor:
            cursor.execute("SELECT '机密姓名'::integer")

    text = logged(broken)
    assert "invalid input syntax" in text and "LINE 1" not in text


def test_other_messages_stay_as_they_are():
    told = "一切正常\n第二行：DETAIL 不在行首\nHINT: 请看"
    assert without_rows(told) == told


@pytest.mark.django_db
def test_the_embedded_database_logs_neither_statement_nor_row():
    source = (Path(settings.BASE_DIR) / "lifeops/embedded.py").read_text(encoding="utf-8")
    assert "log_min_error_statement=panic" in source and "log_error_verbosity=terse" in source
    compose = (Path(settings.BASE_DIR) / "docker-compose.yml").read_text(encoding="utf-8")
    assert "log_min_error_statement=panic" in compose and "log_error_verbosity=terse" in compose
    log = Path(settings.VAR) / "test" / "log" / "postgres.log"
    if not log.exists():
        pytest.skip("数据库不是内嵌的")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        party = make_party(name="日志里的姓名")
        cursor.execute("UPDATE policies_party SET merged_into_id = id, name = '日志里的姓名' WHERE id = %s", [party.pk])
    assert "日志里的姓名" not in log.read_text(encoding="utf-8", errors="replace")
