"""The files of a product, from a folder or as uploaded, within limits that are looked at before a byte is read."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lifeops.policies.loading.faults import Fault, Faulty, Notes

PRODUCT, RATES, CASH, ILLNESSES = "product.json", "rates.csv", "cash_values.csv", "illnesses.csv"
#: Files that make a product. Worked examples and the like may lie beside them and are not read.
READ = (PRODUCT, RATES, CASH, ILLNESSES)
KB, MB = 1024, 1024 * 1024
LIMITS = {PRODUCT: 512 * KB, RATES: 8 * MB, CASH: 16 * MB, ILLNESSES: 512 * KB}
MOST_ROWS, MOST_CELL, MOST_ZIP, MOST_PRODUCTS = 150_000, 200, 24 * MB, 200


@dataclass(frozen=True)
class Files:
    """Bytes of one product's files by name; `label` says where they came from in messages ("P411008")."""

    label: str
    content: Mapping[str, bytes]

    def where(self, name: str) -> str:
        return f"{self.label}/{name}" if self.label else name


def folders(path: Path) -> list[Path]:
    """Product folders at `path`: itself, or those directly in it."""
    if not path.is_dir():
        raise Faulty([Fault(str(path.name), 0, "没有这个文件夹")])
    if any((path / name).exists() for name in READ):
        return [path]
    found = sorted(p for p in path.iterdir() if p.is_dir() and any((p / name).exists() for name in READ))
    if not found:
        raise Faulty([Fault(str(path.name), 0, f"其中没有产品：每个产品一个文件夹，内有 {PRODUCT}")])
    if len(found) > MOST_PRODUCTS:
        raise Faulty([Fault(str(path.name), 0, f"一次最多装入 {MOST_PRODUCTS} 个产品")])
    return found


def from_folder(folder: Path) -> Files:
    faults, content = [], {}
    for name in READ:
        file = folder / name
        if not file.exists():
            continue
        size = file.stat().st_size
        if size > LIMITS[name]:
            faults.append(too_large(f"{folder.name}/{name}", size, LIMITS[name]))
        else:
            content[name] = file.read_bytes()
    if faults:
        raise Faulty(faults)
    return Files(folder.name, content)


def too_large(name: str, size: int, limit: int) -> Fault:
    return Fault(name, 0, f"文件 {size / MB:.1f} MB，超过上限 {limit / MB:.1f} MB，未读取")


def from_uploads(uploads: Mapping[str, bytes]) -> Files:
    """The files as sent, or one zip that holds them. Folders within the zip are ignored."""
    zipped = [name for name in uploads if name.lower().endswith(".zip")]
    if zipped:
        return _from_zip(zipped[0], uploads[zipped[0]])
    unknown = [n for n in uploads if n not in READ]
    if unknown:
        raise Faulty([Fault(n, 0, f"不认识的文件，应为 {'、'.join(READ)}") for n in unknown])
    large = [too_large(n, len(c), LIMITS[n]) for n, c in uploads.items() if len(c) > LIMITS[n]]
    if large:
        raise Faulty(large)
    return Files("", dict(uploads))


def _from_zip(label: str, content: bytes) -> Files:
    found: dict[str, bytes] = {}
    faults: list[Fault] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for info in packed.infolist():
                name = PurePosixPath(info.filename).name
                if name not in READ or info.is_dir():
                    continue
                if name in found:
                    faults.append(Fault(name, 0, "压缩包中有同名文件：一次一个产品"))
                elif info.file_size > LIMITS[name]:
                    faults.append(too_large(name, info.file_size, LIMITS[name]))
                else:
                    with packed.open(info) as stream:
                        found[name] = stream.read(LIMITS[name] + 1)
    except (zipfile.BadZipFile, RuntimeError, OSError) as error:
        raise Faulty([Fault(label, 0, "不是可以打开的 zip 文件")]) from error
    faults += [too_large(n, len(c), LIMITS[n]) for n, c in found.items() if len(c) > LIMITS[n]]
    if faults:
        raise Faulty(faults)
    return Files("", found)


def text_of(files: Files, name: str, notes: Notes) -> str | None:
    content = files.content.get(name)
    if content is None:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.fault(files.where(name), 0, "不是 UTF-8 文字，请另存为 UTF-8 后重试")
        return None
    if "\0" in text:
        notes.fault(files.where(name), 0, "文件中有空字符")
        return None
    return text


def json_of(files: Files, name: str, notes: Notes) -> dict[str, Any] | None:
    text = text_of(files, name, notes)
    if text is None:
        if name not in files.content:
            notes.fault(files.where(name), 0, "缺少此文件")
        return None
    try:
        found = json.loads(text, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        row = getattr(error, "lineno", 0)
        notes.fault(files.where(name), row, "不是完整的 JSON")
        return None
    if not isinstance(found, dict):
        notes.fault(files.where(name), 0, "内容应为一个 JSON 对象")
        return None
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} 不是数值")


def rows_of(files: Files, name: str, columns: tuple[tuple[str, ...], tuple[str, ...]], notes: Notes) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells) of a table with a heading. `columns`: those required, those allowed besides."""
    text = text_of(files, name, notes)
    if text is None:
        return
    where, (required, allowed) = files.where(name), columns
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        heading = [h.strip() for h in next(reader, [])]
        missing = [c for c in required if c not in heading]
        unknown = [c for c in heading if c not in required and c not in allowed]
        twice = sorted({c for c in heading if heading.count(c) > 1})
        for words, found in (("缺少列", missing), ("不认识的列", unknown), ("重复的列", twice)):
            if found:
                notes.fault(where, 1, f"{words} {'、'.join(found)}")
        if missing or unknown or twice:
            return
        for number, cells in enumerate(reader, start=2):
            if number > MOST_ROWS:
                notes.fault(where, number, f"超过 {MOST_ROWS} 行，其余未读")
                return
            if not any(cells):
                continue
            if len(cells) != len(heading):
                notes.fault(where, number, f"有 {len(cells)} 格，表头有 {len(heading)} 列")
            elif any(len(c) > MOST_CELL for c in cells):
                notes.fault(where, number, f"一格超过 {MOST_CELL} 个字符")
            else:
                yield number, {key: cell.strip() for key, cell in zip(heading, cells, strict=True)}
    except csv.Error:
        notes.fault(where, reader.line_num, "不是正确的 CSV（引号未结束或字段过长）")
