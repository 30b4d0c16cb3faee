"""Where files lie: originals by their hash, never changed and never served; pages under names nobody can guess."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from lifeops.documents import rendering

LARGEST = 40 * 1024 * 1024
SLOWEST = rendering.SECONDS
TOO_BIG = "文件超过 40 MB，请拆分或降低扫描分辨率"


class FileUnfit(Exception):
    """A file is not taken; the message is Chinese text for the screen."""


@dataclass(frozen=True)
class Staged:
    """An uploaded file on disk, not yet accepted."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class Rendered:
    """Pages of a file: folder below the media root and the sizes in pixels."""

    folder: str
    sizes: tuple[tuple[int, int], ...]

    def page_path(self, index: int) -> str:
        return f"{self.folder}/{index:03}.jpg"

    def thumb_path(self, index: int) -> str:
        return f"{self.folder}/{index:03}t.jpg"


def root() -> Path:
    return Path(settings.MEDIA_ROOT)


def make_folder(path: Path) -> Path:
    path.mkdir(mode=0o750, parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def staged(upload: Any) -> Iterator[Staged]:
    """Write an upload to a private file while measuring it; gone again when the block ends."""
    path = make_folder(root() / "incoming") / secrets.token_hex(16)
    digest, size = hashlib.sha256(), 0
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for chunk in upload.chunks():
                size += len(chunk)
                if size > LARGEST:
                    raise FileUnfit(TOO_BIG)
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        yield Staged(path, size, digest.hexdigest())
    finally:
        path.unlink(missing_ok=True)


def keep_original(file: Staged) -> str:
    """Put the bytes under their hash, read-only. The same bytes are kept once. Returns the path below the root."""
    relative = f"originals/{file.sha256[:2]}/{file.sha256}"
    target = root() / relative
    make_folder(target.parent)
    file.path.chmod(0o440)
    with contextlib.suppress(FileExistsError):
        os.link(file.path, target)
    return relative


def new_folder() -> str:
    """A folder for the pages of one file, below the root."""
    token = secrets.token_hex(16)
    relative = f"pages/{token[:2]}/{token}"
    make_folder(root() / relative)
    return relative


def render_pages(kind: str, file: Staged) -> Rendered:
    """Draw the pages in a process of its own. Raises FileUnfit with the reason; never hangs, never takes us down."""
    relative = new_folder()
    folder = root() / relative
    try:
        answer = _run(kind, file.path, folder)
        if "error" in answer:
            raise FileUnfit(answer["error"])
    except BaseException:
        drop(relative)
        raise
    return Rendered(relative, tuple((int(w), int(h)) for w, h in answer["pages"]))


def _run(kind: str, source: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", rendering.__file__, kind, str(source), str(folder)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SLOWEST, env={}, cwd="/", check=False
        )
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return {"error": rendering.TOO_HEAVY}


def drop(folder: str) -> None:
    """Remove the pictures of a file that was not accepted after all."""
    if folder.startswith("pages/"):
        shutil.rmtree(root() / folder, ignore_errors=True)


def page_file(relative: str) -> Path:
    """The picture of a page on disk. Anything outside the pages is refused: originals are never handed out."""
    path = (root() / relative).resolve()
    if not path.is_relative_to((root() / "pages").resolve()) or path.suffix != ".jpg":
        raise ValueError("不是影像页")
    return path
