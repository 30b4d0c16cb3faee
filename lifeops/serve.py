"""`make run`: everything up by one command, everything down by one Ctrl-C."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import urlopen

from lifeops.embedded import NotStarted, Servers, addresses, given, is_open

BASE = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("LIFEOPS_VAR", BASE / "var")).resolve()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def manage(*arguments: str, env: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, str(BASE / "manage.py"), *arguments], env=env, cwd=BASE, check=False)
    if done.returncode:
        raise NotStarted(f"manage.py {' '.join(arguments)} 失败（返回 {done.returncode}）")


def prepare(env: dict[str, str], *, embedded: bool) -> None:
    """Migrations, demo data on the first start; static files. The own database was left as it is by the same code: nothing to do."""
    demo = env.get("LIFEOPS_DEMO", "1") == "1"
    mark, state = VAR / "postgres" / ".prepared", f"{code_state('.py')} {demo}"
    if not (embedded and mark.exists() and mark.read_text() == state):
        say("· 数据库迁移 …")
        manage("prepare", *([] if demo else ["--no-demo"]), env=env)
        if embedded:
            mark.write_text(state)
    mark, state = VAR / "static" / ".state", code_state("static")
    if not mark.exists() or mark.read_text() != state:
        say("· 静态文件 …")
        manage("collectstatic", "--noinput", "-v", "0", env=env)
        mark.write_text(state)


def code_state(what: str) -> str:
    """What our own sources (".py", or what lies under "static") and the packages of both locks are, by time and size."""
    packages = [p for p in BASE.iterdir() if (p / "__init__.py").exists() and p.name != "tests"]
    own = [p for top in packages for p in top.rglob("*") if (p.suffix == what or what in p.parts) and p.is_file()]
    locks = [BASE / "lifeops" / "requirements" / "dev.txt", VAR / "vendor" / ".lock"]
    text = "".join(f"{p}{p.stat().st_mtime_ns} {p.stat().st_size}" for p in sorted(own + locks) if p.exists())
    return hashlib.sha256(text.encode()).hexdigest()


def processes(env: dict[str, str], port: int) -> list[tuple[str, list[str]]]:
    python = sys.executable
    return [
        (
            "web",
            [python, "-m", "gunicorn", "lifeops.wsgi:application", "-b", f"{env.get('HOST', '127.0.0.1')}:{port}",
             "-w", "2", "--threads", "4", "--control-socket", str(VAR / "run" / "gunicorn.ctl"), "--timeout", "120",
             "--graceful-timeout", "10"],
        ),
        (
            "worker",
            [python, "-m", "celery", "-A", "lifeops", "worker", "-P", "threads", "-c", "4", "--without-gossip",
             "--without-mingle", "-l", "WARNING"],
        ),
        (
            "beat",
            [python, "-m", "celery", "-A", "lifeops", "beat", "-l", "WARNING", "--pidfile="],
        ),
    ]


def wait_for_web(port: int, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if child.poll() is not None:
            raise NotStarted(f"网页服务启动失败，详见 {VAR / 'log' / 'web.log'}")
        try:
            with urlopen(f"http://127.0.0.1:{port}/health/live/", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise NotStarted("网页服务在 60 秒内没有响应")


def main() -> int:
    port = int(os.environ.get("PORT", "8000"))
    (VAR / "log").mkdir(parents=True, exist_ok=True)
    if is_open(port) and not (VAR / "run" / "web.pid").exists():
        say(f"端口 {port} 已被其他程序占用，请用 PORT=… make run 换一个端口")
        return 1
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ending.set())
    servers = Servers(VAR)
    try:
        outside = [name for name in ("DATABASE_URL", "REDIS_URL") if given(name)]
        say(f"· 使用 {'、'.join(outside)} 指定的服务器 …" if outside else "· 启动数据库和消息服务 …")
        found = servers.start(postgres=not given("DATABASE_URL"), redis=not given("REDIS_URL"))
        env = {**os.environ, **addresses(found), "LIFEOPS_VAR": str(VAR), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(BASE)}
        if not ending.is_set():
            prepare(env, embedded=not given("DATABASE_URL"))
        os.chdir(BASE)
        if not ending.is_set():
            (name, web), *others = processes(env, port)
            # the page first: the others start while somebody is typing a password
            wait_for_web(port, servers.spawn(name, web, env))
            for name, command in others:
                servers.spawn(name, command, env)
            announce(port, env)
        while not ending.wait(0.5):
            gone = next((n for n, child in servers.children if child.poll() is not None), None)
            if gone:
                say(f"{gone} 已退出，全部停止；详见 {VAR / 'log' / (gone + '.log')}")
                return 1
        say("· 正在停止 …")
        return 0
    except NotStarted as error:
        say(str(error))
        return 1
    finally:
        servers.stop()
        say("· 已停止")


def announce(port: int, env: dict[str, str]) -> None:
    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    say("─" * width)
    say(f"  运营系统已就绪   http://127.0.0.1:{port}/")
    if env.get("LIFEOPS_DEMO", "1") == "1":
        from lifeops.demo.accounts import ACCOUNTS

        password = env.get("DEMO_PASSWORD", "lifeops-demo-2026")
        say(f"  演示账号（密码均为 {password}）：")
        for username, what in ACCOUNTS:
            say(f"    {username:<16}{what}")
    say("  停止：Ctrl-C")
    say("─" * width)


if __name__ == "__main__":
    raise SystemExit(main())
