"""What the documents name is there: files, headings, make targets, commands with their options, addresses, settings, jobs."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from lifeops.demo.accounts import ACCOUNTS
from tests.architecture.test_files import ROOT, tracked
from tests.architecture.walk import addresses

DOCS = [p for p in tracked(".md") if "tests" not in p.parts]
FILES = [p.relative_to(ROOT).as_posix() for p in tracked()]
OURS = ("lifeops", "intake", "underwriting", "servicing", "claims", "archive", "tests")
SUFFIXES = (".py", ".md", ".html", ".typ", ".js", ".css", ".sh", ".yml", ".toml", ".txt")
#: Part of an address that stands for any: <受理号>, {id}, …
OPEN = re.compile(r"[<{…]|[^\x00-\x7f]")

by_document = pytest.mark.parametrize("doc", DOCS, ids=lambda p: p.relative_to(ROOT).as_posix())


def spans(doc: Path) -> list[str]:
    """Everything written as code in a line of text."""
    return re.findall(r"`([^`\n]+)`", doc.read_text(encoding="utf-8"))


def anchors(doc: Path) -> set[str]:
    """Headings as a renderer names them."""
    text = doc.read_text(encoding="utf-8")
    heads = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def segments(address: str) -> list[str]:
    return [part for part in address.split("?")[0].split("/") if part]


def begins(written: list[str], route: list[str]) -> bool:
    """Whether an address as written is a route of ours, or the part that several begin with."""
    return len(written) <= len(route) and all(
        a == b or b.startswith("<") or OPEN.search(a) for a, b in zip(written, route, strict=False)
    )


@by_document
def test_links_lead_somewhere(doc: Path):
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", doc.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        found = (doc.parent / path).resolve() if path else doc
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in anchors(found)):
            dead.append(target)
    assert dead == []


@by_document
def test_files_it_names_are_there(doc: Path):
    """In full, or as the end of a path: `services.py` beside the document, `kinds/__init__.py` below the folder it speaks of."""
    missing = []
    for name in spans(doc):
        if not re.fullmatch(r"[\w./<>-]+", name) or name.startswith("/"):
            continue
        if not (name.endswith(SUFFIXES) or (name.split("/")[0] in OURS and "/" in name)):
            continue
        pattern = re.sub(r"<[^>]*>", "[^/]+", name.rstrip("/"))
        if not any(re.search(rf"(^|/){pattern}(/|$)", path) for path in FILES):
            missing.append(name)
    assert missing == []


@by_document
def test_modules_and_names_of_ours_are_there(doc: Path):
    missing = []
    for name in spans(doc) + re.findall(r"python -m ([\w.]+)", doc.read_text(encoding="utf-8")):
        if not re.fullmatch(rf"({'|'.join(OURS)})(\.\w+)+", name):
            continue
        folder, _, last = name.rpartition(".")
        try:
            there = hasattr(import_module(folder), last) or find_spec(name) is not None
        except ModuleNotFoundError:
            there = False
        if not there:
            missing.append(name)
    assert missing == []


@by_document
def test_make_targets_and_commands_are_there_with_their_options(doc: Path):
    text = doc.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    wrong = [f"make {name}" for name in re.findall(r"(?:^|[`\s])make ([a-z]+)\b", text) if name not in targets]
    commands = get_commands()
    for name, rest in re.findall(r"manage\.py ([a-z_]+)([^`\n&|]*)", text):
        if name not in commands:
            wrong.append(f"manage.py {name}")
            continue
        app = commands[name]
        known = load_command_class(app, name) if isinstance(app, str) else app
        options = known.create_parser("manage.py", name)._option_string_actions
        wrong += [f"manage.py {name} {option}" for option in re.findall(r"(?<!\S)--[\w-]+", rest) if option not in options]
    assert wrong == []


@by_document
def test_addresses_are_there(doc: Path):
    routes = [segments(a.route) for a in addresses()]
    wrong = []
    for span in spans(doc):
        address = re.sub(r"^(GET|POST|PUT|PATCH|DELETE) ", "", span)
        if address.startswith("/") and address.split("?")[0].endswith("/"):
            if not any(begins(segments(address), route) for route in routes):
                wrong.append(span)
        elif doc.name == "api.md" and re.fullmatch(r"…?/?[a-z][\w-]*/[^\s]*", address) and not address.endswith(SUFFIXES):
            # below /api/v1/, or the end of an address spoken of before
            written = [part for part in segments(address) if part != "…"]
            if not any(begins(written, route[at:]) for route in routes for at in range(len(route))):
                wrong.append(span)
    assert wrong == []


@by_document
def test_accounts_are_those_of_the_demonstration(doc: Path):
    known = {name for name, _ in ACCOUNTS}
    stems = "|".join(sorted({name.split(".")[0] for name in known}))
    named = re.findall(rf"`((?:{stems})\.(?!py|md)[a-z]+)`", doc.read_text(encoding="utf-8"))
    assert [name for name in named if name not in known] == []


def section(name: str, heading: str) -> str:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]


def test_every_periodic_job_is_in_the_table():
    told = re.findall(r"^\| `([\w-]+)` \|", section("operations.md", "定时任务（beat）"), re.M)
    assert sorted(told) == sorted(settings.CELERY_BEAT_SCHEDULE)


def test_every_setting_in_the_table_is_read_somewhere():
    told = re.findall(r"`([A-Z][A-Z_]+)`", "\n".join(re.findall(r"^\| ([^|]+) \|", section("operations.md", "设置"), re.M)))
    code = "\n".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("lifeops/settings.py", "lifeops/serve.py", "docker-compose.yml", "Makefile")
    )
    assert told and [name for name in told if not re.search(rf"\b{name}\b", code)] == []


def test_every_document_is_reached_from_the_first_page():
    """From README.md by links, one after the other."""
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        doc = ahead.pop()
        seen.add(doc)
        for target in re.findall(r"\]\(([^)#\s]+)", doc.read_text(encoding="utf-8")):
            found = (doc.parent / unquote(target)).resolve()
            if found.suffix == ".md" and found.exists() and found not in seen:
                ahead.append(found)
    assert sorted(str(p.relative_to(ROOT)) for p in DOCS if p not in seen) == []
