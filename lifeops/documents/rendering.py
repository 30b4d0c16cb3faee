"""Pages of a file as plain JPEG pictures. Runs as a process of its own: hostile input may kill it, not the server.

    python -I rendering.py KIND SOURCE FOLDER

Writes 001.jpg, 001t.jpg, 002.jpg … to FOLDER and prints one line of JSON: {"pages": [[width, height], …]} or
{"error": "…"} in Chinese. Imports nothing of the project, so that it starts at once and holds no connection.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MOST_PAGES = 200
MOST_PIXELS = 60_000_000
LONGEST_EDGE = 2000
THUMB_EDGE = 240
QUALITY, THUMB_QUALITY = 80, 70
PDF_DPI = 150
SECONDS = 60
MEMORY = 1_536 * 1024 * 1024
DISK = 64 * 1024 * 1024
FORMATS = {"jpeg": "JPEG", "png": "PNG", "tiff": "TIFF"}

BROKEN = "文件已损坏或不完整，无法读取，请重新扫描"
TOO_LARGE = "图片尺寸过大（超过 6000 万像素），请降低扫描分辨率"
TOO_MANY = f"页数超过 {MOST_PAGES} 页，请拆分后上传"
ENCRYPTED = "PDF 已加密，请去除密码后重新上传"
TOO_HEAVY = "文件处理超出限额，不予接收，请重新扫描"


class Unfit(Exception):
    """The file cannot become pages; the message is for the person who sent it."""


def images_of(kind: str, source: Path) -> Iterator[Image.Image]:
    return pdf_pages(source) if kind == "pdf" else picture_frames(kind, source)


def picture_frames(kind: str, source: Path) -> Iterator[Image.Image]:
    """The picture, upright as its EXIF says; every frame of a TIFF, only the first of the others."""
    with Image.open(source, formats=(FORMATS[kind],)) as picture:
        index = 0
        while True:
            if index >= MOST_PAGES:
                raise Unfit(TOO_MANY)
            try:
                picture.seek(index)
            except EOFError:
                break
            check_size(*picture.size)
            if kind == "jpeg":
                picture.draft(None, (LONGEST_EDGE, LONGEST_EDGE))
            picture.load()
            yield ImageOps.exif_transpose(picture)
            index += 1
            if kind != "tiff":
                break


def pdf_pages(source: Path) -> Iterator[Image.Image]:
    """Pages drawn at 150 dpi. There is no script engine and no form environment, so nothing in the file runs."""
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise Unfit(ENCRYPTED if "password" in str(error).lower() else BROKEN) from None
    if pdfium.FPDF_GetSecurityHandlerRevision(document) != -1:
        raise Unfit(ENCRYPTED)
    if len(document) == 0:
        raise Unfit("PDF 中没有页面")
    if len(document) > MOST_PAGES:
        raise Unfit(TOO_MANY)
    for index in range(len(document)):
        page = document[index]
        longest = max(page.get_size())
        if longest <= 0:
            raise Unfit(BROKEN)
        scale = min(PDF_DPI / 72, LONGEST_EDGE / longest)
        yield page.render(scale=scale, may_draw_forms=False).to_pil()
        page.close()


def check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise Unfit(BROKEN)
    if width * height > MOST_PIXELS:
        raise Unfit(TOO_LARGE)


def plain(image: Image.Image) -> Image.Image:
    """Grey or RGB on white, nothing attached: no EXIF, comment, profile."""
    if image.mode in ("1", "L"):
        image = image.convert("L")
    elif image.mode.startswith(("I", "F")):
        low, high = image.getextrema()
        span = float(high - low) or 1.0  # type: ignore[operator]
        image = image.point(lambda v: v * (255 / span) - low * (255 / span)).convert("L")  # type: ignore[operator]
    elif image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.new("RGB", layer.size, "white")
        image.paste(layer, mask=layer.getchannel("A"))
    elif image.mode != "RGB":
        image = image.convert("RGB")
    image.info = {}
    return image


def fitted(image: Image.Image, edge: int) -> Image.Image:
    """At most `edge` on the longer side; never enlarged."""
    if max(image.size) <= edge:
        return image
    ratio = edge / max(image.size)
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def render(kind: str, source: Path, folder: Path) -> list[tuple[int, int]]:
    """Write page and thumbnail pictures; returns the sizes of the pages."""
    sizes = []
    for number, image in enumerate(images_of(kind, source), start=1):
        page = fitted(plain(image), LONGEST_EDGE)
        page.save(folder / f"{number:03}.jpg", "JPEG", quality=QUALITY, optimize=False)
        fitted(page, THUMB_EDGE).save(folder / f"{number:03}t.jpg", "JPEG", quality=THUMB_QUALITY)
        sizes.append(page.size)
    return sizes


def limit_resources() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, DISK),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main(kind: str, source: str, folder: str) -> dict[str, Any]:
    limit_resources()
    # our own limit is checked on the header, before any pixel is decoded
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        return {"pages": render(kind, Path(source), Path(folder))}
    except Unfit as unfit:
        return {"error": str(unfit)}
    except MemoryError:
        return {"error": TOO_HEAVY}
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, pypdfium2.PdfiumError):
        return {"error": BROKEN}
    except Exception:  # decoders of hostile input raise anything
        return {"error": BROKEN}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:4])))
