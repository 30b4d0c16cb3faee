"""How the files are kept: layers, sizes, one door, templates without code."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from importlinter import cli

ROOT = Path(settings.BASE_DIR)
MOST_LINES = 400
#: The kernel alone writes the state, through django-fsm.
#: Writes of rows past the ORM (`org.statements`, `cases.bulk`).
KEPT_WRITES = ("update", "update_columns", "write_columns")
KERNEL = "lifeops/cases/"
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/[\w.-]+|/tmp/(?:wt|brief)\b|[A-Z]:\\Users\\")
DESKS = ("intake", "underwriting", "servicing", "claims", "archive")


def tracked(*suffixes: str) -> list[Path]:
    """Files of the project by suffix: as git knows them, or on disk where there is no git."""
    try:
        told = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        skip = {".venv", "var", "node_modules", "__pycache__", ".git"}
        told = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file() and not skip & set(p.parts)]
    found = [ROOT / name for name in told if not name.startswith(".venv")]
    return [p for p in found if p.is_file() and (not suffixes or p.suffix in suffixes)]


def code() -> list[Path]:
    return [p for p in tracked(".py") if "migrations" not in p.parts]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_layers_and_desks_keep_apart(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(config_filename="pyproject.toml", no_cache=True) == cli.EXIT_STATUS_SUCCESS


def test_every_desk_and_platform_package_is_under_contract():
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    there = [desk for desk in DESKS if (ROOT / desk).is_dir()]
    assert all(f'"{desk}"' in contracts for desk in there)


def test_no_file_is_longer_than_400_lines():
    long = {name(p): n for p in code() if (n := len(p.read_text(encoding="utf-8").splitlines())) > MOST_LINES}
    assert long == {}


def writes_state(path: Path) -> list[int]:
    """Lines that set `.state` of something, or hand it to update, bulk_update, setattr or a statement that is kept."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Attribute) and t.attr == "state" for t in targets):
                found.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("update", "update_or_create") and any(k.arg == "state" for k in node.keywords):
                found.append(node.lineno)
            texts = {c.value for a in node.args for c in ast.walk(a) if isinstance(c, ast.Constant)}
            if node.func.attr == "bulk_update" and "state" in texts:
                found.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEPT_WRITES:
            texts = {c.value for a in node.args for c in ast.walk(a) if isinstance(c, ast.Constant)}
            found += [node.lineno] if "state" in texts else []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            found += [node.lineno for a in node.args if isinstance(a, ast.Constant) and a.value == "state"]
    return found


def test_the_state_is_written_through_the_one_door_only():
    """Machines of the kernel; what has a state field of its own without a machine names it otherwise."""
    wrong = {
        name(p): lines
        for p in code()
        if not name(p).startswith((KERNEL, "tests/")) and (lines := [n for n in writes_state(p) if not _own(p, n)])
    }
    assert wrong == {}


def _own(path: Path, line: int) -> bool:
    """Marked as the state of something that is no case and no request, with the reason on the line."""
    return "# own state:" in path.read_text(encoding="utf-8").splitlines()[line - 1]


def test_the_search_for_writes_of_the_state_finds_them(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text(
        "case.state = 'approved'\nCase.objects.update(state='x')\nsetattr(case, 'state', 1)\n"
        "Case.objects.bulk_update(rows, ['rank', 'state'])\nupdate(case, ['rank', 'state'])\nupdate_columns(Case, ('state',), rows)\n"
        "state = 1\ncase.state_since = now\nupdate(case, ['rank'])\n"
    )
    assert writes_state(bad) == [1, 2, 3, 4, 5, 6]


def test_nothing_speaks_of_one_machine():
    wrong = []
    for path in tracked():
        if path.suffix in (".png", ".jpg", ".pdf", ".ttf", ".woff2", ".ico") or path.name == "package-lock.json":
            continue
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if MACHINE_PATHS.search(line):
                wrong.append(f"{name(path)}:{number}")
    assert wrong == []


HANDLER = re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.IGNORECASE | re.DOTALL)
JSON_ONLY = re.compile(r"type\s*=\s*[\"']application/(?:ld\+)?json[\"']")


def scripts_in(text: str) -> list[str]:
    """Script written into a page: bodies, inline handlers, javascript: addresses."""
    found = [m.group(0)[:80] for m in HANDLER.finditer(text)]
    found += [m.group(2).strip()[:80] for m in SCRIPT.finditer(text) if m.group(2).strip() and not JSON_ONLY.search(m.group(1))]
    return found + re.findall(r"javascript:[^\"']{0,40}", text, re.IGNORECASE)


@pytest.mark.parametrize("path", [p for p in tracked(".html") if "node_modules" not in p.parts], ids=name)
def test_templates_hold_no_script(path):
    assert scripts_in(path.read_text(encoding="utf-8")) == []


def test_the_search_for_scripts_finds_them():
    assert len(scripts_in('<a onclick="x()">a</a><script>alert(1)</script><a href="javascript:x">')) == 3
    assert scripts_in('<script src="/a.js" defer></script><script type="application/json">{}</script>') == []
