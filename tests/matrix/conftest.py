"""The world of the matrix, built once per module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings as live
from django.db import transaction

from lifeops.org.held import forget_all
from tests.matrix.world import World, build


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    """Rows inside a transaction that outlives the module's tests and is then rolled back."""
    forget_all()
    before, live.MEDIA_ROOT = live.MEDIA_ROOT, tmp_path_factory.mktemp("matrix")
    with django_db_blocker.unblock(), transaction.atomic():
        found = build()
        found.media = live.MEDIA_ROOT
        live.MEDIA_ROOT = before
        yield found
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _files_of_the_world(world: World, settings, _fresh_caches) -> None:
    """The rows' files lie in the world's folder, not in the test's."""
    settings.MEDIA_ROOT = world.media
