"""The embedded servers belong to one start at a time."""

from __future__ import annotations

import os

import pytest

from lifeops.embedded import NotStarted, Servers


def test_second_start_in_the_same_folder_is_refused_and_ends_nothing_of_the_first(tmp_path):
    first = Servers(tmp_path)
    first.start(postgres=False, redis=False)
    (tmp_path / "log").mkdir()
    child = first.spawn("sleeper", ["sleep", "30"])
    second = Servers(tmp_path)
    with pytest.raises(NotStarted, match="正被另一个运行中的系统使用"):
        second.start(postgres=False, redis=False)
    second.stop()
    assert child.poll() is None and (tmp_path / "run" / "servers.json").exists()
    first.stop()
    assert child.poll() is not None
    second.start(postgres=False, redis=False)
    second.stop()


def test_what_a_killed_start_left_is_ended_by_the_next(tmp_path):
    killed = Servers(tmp_path)
    killed.start(postgres=False, redis=False)
    (tmp_path / "log").mkdir()
    child = killed.spawn("sleeper", ["sleep", "30"])
    os.close(killed.lock)  # what the system does with the lock of a killed process
    following = Servers(tmp_path)
    following.start(postgres=False, redis=False)
    assert child.wait(5) != 0
    following.stop()


def test_the_servers_of_a_killed_start_are_ended_too(tmp_path):
    """Redis and PostgreSQL write titles over their environment; a second Redis on the same file would be the end of it."""
    killed = Servers(tmp_path, fast=True)
    killed.start()
    left = [child for _, child in killed.children]
    os.close(killed.lock)
    following = Servers(tmp_path, fast=True)
    following.start(postgres=False, redis=False)
    assert len(left) == 2 and all(child.wait(5) is not None for child in left)
    following.stop()
