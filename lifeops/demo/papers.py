"""Papers of the demonstration: what a customer would have handed in for the case, drawn with what was keyed, as scans.

Not hostile, so they are drawn in this process and not in one of their own each; everything else is as for any other file.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from lifeops.cases.models import Case
from lifeops.cases.registry import resolve
from lifeops.cases.rows import RowsField
from lifeops.documents import rendering, storage
from lifeops.documents.ingest import Prepared
from lifeops.documents.letters.glyphs import font_folders
from lifeops.documents.models import ChecklistRow, Received
from lifeops.policies.models import Party

#: A4 at 90 dpi: enough to be read on the screen.
WIDTH, HEIGHT, EDGE, LINE = 744, 1052, 64, 34
#: Where the values of a form begin, from its edge.
VALUES = 210
PAPER, INK, PALE = 251, 30, 150
FIRST, LAST = 130, HEIGHT - 150
SEX = {"M": "男", "F": "女"}
Facts = list[tuple[str, str]]

#: What a paper without own data says.
WORDS = {
    "SALES_TIP": ("请确认所投保的产品适合您的保障需要，并如实告知。", "请仔细阅读保险条款，特别是责任免除条款。", "您享有自签收合同之日起的犹豫期。"),
    "EXCLUSION_NOTE": ("投保人对被保险人的故意杀害、故意伤害。", "被保险人故意犯罪或者抗拒依法采取的刑事强制措施。", "合同成立之日起二年内自杀，被保险人自杀时为无民事行为能力人的除外。"),
    "SUIT_FORM": ("家庭年收入与保费支出比例：在适当范围内。", "购买目的：家庭保障。", "可承受的交费期间：与本次投保一致。", "评估结果：适当。"),
    "APP_FORM": ("投保人声明：以上各项均如实填写，如有不实愿承担相应责任。", "本人已阅读保险条款、产品说明书和投保提示书。", "授权保险公司在承保和理赔时查询与本合同有关的资料。"),
    "DISCLOSURE": ("一、目前身体状况：正常。", "二、过去十年内住院或手术：无。", "三、正在服用药物：无。", "四、直系亲属遗传病史：无。", "五、其他需要告知的事项：无。"),
}  # fmt: skip


@cache
def font(size: int, strong: bool = False) -> ImageFont.FreeTypeFont:
    folder = next(Path(f) for f in font_folders() if f.endswith("600SemiBold" if strong else "400Regular"))
    return ImageFont.truetype(next(folder.glob("*.ttf")), size)


def sheet(title: str, note: str = "") -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A blank page with its title, and at its foot what it is."""
    image = Image.new("L", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((WIDTH / 2, 62), title, font=font(25, strong=True), fill=INK, anchor="mm")
    draw.text((WIDTH / 2, 96), note, font=font(13), fill=PALE, anchor="mm")
    draw.text((WIDTH / 2, HEIGHT - 34), "演示样张 · 人物、机构、号码均为虚构", font=font(12), fill=PALE, anchor="mm")
    return image, draw


def signed(draw: ImageDraw.ImageDraw, name: str, day: str) -> None:
    draw.text((EDGE, HEIGHT - 110), f"签名：{name}", font=font(17), fill=INK)
    draw.text((WIDTH - EDGE, HEIGHT - 110), f"日期：{day}", font=font(17), fill=INK, anchor="ra")


@cache
def broad(char: str, size: int) -> float:
    return font(size).getlength(char)


def wrapped(text: str, size: int, width: float) -> list[str]:
    """Lines no longer than `width`, broken between characters as Chinese is; figures stay whole where a line has room for them."""
    lines, line, long = [], "", 0.0
    for part in re.findall(r"[0-9A-Za-z.,-]+|.", text):
        whole = sum(broad(char, size) for char in part)
        if line and long + whole > width >= whole:
            lines.append(line)
            line, long = "", 0.0
        for char in part:
            if long + broad(char, size) > width:
                lines.append(line)
                line, long = "", 0.0
            line += char
            long += broad(char, size)
    return [*lines, line]


def listed(draw: ImageDraw.ImageDraw, facts: Facts) -> None:
    """A form filled in: label, value, rule."""
    y = FIRST
    for label, value in facts:
        heads, lines = wrapped(label, 14, VALUES - 10)[:3], wrapped(value, 17, WIDTH - 2 * EDGE - VALUES)[:3]
        for n, head in enumerate(heads):
            draw.text((EDGE, y + n * 18), head, font=font(14), fill=PALE - 50)
        for n, line in enumerate(lines):
            draw.text((EDGE + VALUES, y - 3 + n * (LINE - 6)), line, font=font(17), fill=INK)
        y += max(len(lines) * (LINE - 6), len(heads) * 18 + 10)
        draw.line((EDGE, y + 2, WIDTH - EDGE, y + 2), fill=PALE + 50)
        y += 10


def stamped(draw: ImageDraw.ImageDraw, words: str) -> None:
    """A round seal: whose, and that it is none."""
    x, y = WIDTH - 190, HEIGHT - 250
    draw.ellipse((x - 70, y - 70, x + 70, y + 70), outline=PALE, width=3)
    draw.text((x, y - 12), words, font=font(15), fill=PALE, anchor="mm")
    draw.text((x, y + 16), "样章", font=font(13), fill=PALE, anchor="mm")


def chunks(facts: Facts, pages: int) -> Iterator[Facts]:
    """The facts over the pages of a form, no more on one than it holds, unless there are too few pages."""
    size = max((LAST - FIRST) // (LINE + 4), -(-len(facts) // pages))
    for n in range(pages):
        yield facts[n * size : (n + 1) * size]


class Papers:
    """The papers of one case."""

    def __init__(self, case: Case, record: dict[str, Any], applicant: Party | None) -> None:
        self.case, self.record, self.applicant, self.day = case, record, applicant, str(case.submitted_on)
        self.name = applicant.name if applicant else record.get("holder_name", case.subject_name)
        self.facts = self._facts()

    def _facts(self) -> Facts:
        """What was keyed, in the words of the form."""
        fields = resolve(self.case.item_spec.form)(case=self.case, actor=None).fields
        found: Facts = [("受理号", self.case.number), ("业务", self.case.item_label)]
        for name, field in fields.items():
            value: Any = self.record.get(name)
            if value in (None, "", []):
                continue
            if isinstance(field, RowsField):
                found += [
                    (f"{field.label} {n}", "，".join(f"{head} {row[name]}" for name, head in field.widget.columns.items() if row.get(name)))
                    for n, row in enumerate(value, start=1)
                ]
            elif isinstance(value, bool):
                found.append((str(field.label), "是" if value else "否"))
            else:
                choices = {str(k): str(v) for k, v in getattr(field, "choices", [])}
                found.append((str(field.label), choices.get(str(value), str(value))))
        return found

    def draw(self, kind: str, label: str, pages: int) -> list[bytes]:
        """The pages of one paper as JPEG."""
        if kind in ("APP_FORM", "SERVICING_FORM", "CLAIM_FORM"):
            return self.form(kind, label, pages)
        if kind in WORDS:
            return [plain_page(kind, label, n, pages) for n in range(1, pages + 1)]
        how: Callable[[ImageDraw.ImageDraw, str], None] = {
            "ID_APPLICANT": self.card, "ID_INSURED": self.card, "ID_BENEFICIARY": self.heir, "BANK_CARD": self.bank, "INVOICE": self.invoice,
        }.get(kind, partial(self.letter, kind))  # fmt: skip
        made = []
        for n in range(1, pages + 1):
            image, draw = sheet(label, f"第 {n} 页，共 {pages} 页" if pages > 1 else "")
            how(draw, label)
            made.append(jpeg(image))
        return made

    def form(self, kind: str, label: str, pages: int) -> list[bytes]:
        filled = [part for part in chunks(self.facts, pages) if part]
        made = []
        for n in range(1, pages + 1):
            if n > len(filled):
                made.append(plain_page("APP_FORM", label, n, pages))
                continue
            image, draw = sheet(label, f"第 {n} 页，共 {pages} 页")
            listed(draw, filled[n - 1])
            signed(draw, self.name, self.day)
            made.append(jpeg(image))
        return made

    def card(self, draw: ImageDraw.ImageDraw, label: str) -> None:
        """Both sides of an identity card on one sheet."""
        who, record = self.applicant, self.record
        name, sex, born, number, address = (
            (who.name, who.sex, str(who.birth_date or ""), who.id_number, who.address) if who
            else (record.get("holder_name", ""), record.get("holder_sex", ""), str(record.get("holder_birth_date", "")), record.get("holder_id_number", ""), record.get("holder_address", ""))
        )  # fmt: skip
        draw.rounded_rectangle((150, 180, 594, 460), radius=16, outline=PALE, width=2)
        draw.rectangle((470, 220, 564, 340), outline=PALE)
        for n, (head, value) in enumerate((("姓名", name), ("性别", SEX.get(sex, "")), ("出生", born), ("住址", address or "样本市样本区"))):
            draw.text((180, 212 + n * 46), head, font=font(13), fill=PALE)
            for row, line in enumerate(wrapped(value, 17, 200)[:2]):
                draw.text((236, 208 + n * 46 + row * 22), line, font=font(17), fill=INK)
        draw.text((180, 412), f"公民身份号码　{number}", font=font(17), fill=INK)
        draw.rounded_rectangle((150, 520, 594, 800), radius=16, outline=PALE, width=2)
        draw.text((372, 600), "居民身份证样张", font=font(20), fill=INK, anchor="mm")
        draw.text((372, 720), "签发机关：样本市公安局　有效期限至 2041-01-01", font=font(15), fill=INK, anchor="mm")

    def heir(self, draw: ImageDraw.ImageDraw, label: str) -> None:
        rows = self.record.get("beneficiaries") or [{"name": self.record.get("payee", ""), "relation": self.record.get("payee_relation", "")}]
        listed(draw, [(f"受益人 {n}", f"{row.get('name', '')}（{row.get('relation') or '—'}）") for n, row in enumerate(rows, start=1)])

    def bank(self, draw: ImageDraw.ImageDraw, label: str) -> None:
        account = str(self.record.get("payee_account") or self.record.get("account_number") or "")
        draw.rounded_rectangle((150, 200, 594, 470), radius=18, outline=PALE, width=2)
        draw.text((180, 232), str(self.record.get("payee_bank") or self.record.get("account_bank") or "样本银行"), font=font(18, strong=True), fill=INK)
        draw.text((180, 340), " ".join(account[n : n + 4] for n in range(0, len(account), 4)), font=font(26), fill=INK)
        draw.text((180, 420), f"户名　{self.record.get('payee') or self.name}", font=font(16), fill=INK)

    def invoice(self, draw: ImageDraw.ImageDraw, label: str) -> None:
        rows = self.record.get("expenses") or []
        total = sum(float(row["invoiced"]) for row in rows)
        listed(draw, [
            ("医疗机构", str(self.record.get("hospital", "虚构人民医院"))), ("患者", self.name),
            *((f"{row['category']}费", f"{row['invoiced']} 元（其中不属责任范围 {row['non_covered']} 元）") for row in rows),
            ("合计", f"{total:,.2f} 元"), ("基本医疗保险支付", f"{self.record.get('social_insurance', '0')} 元"),
        ])  # fmt: skip
        stamped(draw, "收费专用")

    def letter(self, kind: str, draw: ImageDraw.ImageDraw, label: str) -> None:
        """A certificate, note or consent: who, what, when, and under whose seal."""
        record, hospital = self.record, self.record.get("hospital", "虚构人民医院")
        event, cause = record.get("event_on", self.day), record.get("description") or "见申请书"
        insured = self.case.policy.insured.name if self.case.policy else self.case.subject_name
        told: dict[str, Facts] = {
            "DISCHARGE_RECORD": [("患者", self.name), ("入院日期", str(record.get("admitted_on", ""))), ("出院日期", str(record.get("discharged_on", ""))), ("出院诊断", str(record.get("diagnosis", ""))), ("治疗经过", cause), ("出院医嘱", "注意休息，门诊随访")],
            "DIAGNOSIS": [("患者", self.name), ("诊断", str(record.get("diagnosis", ""))), ("意见", "住院治疗")],
            "DEATH_CERT": [("姓名", insured), ("死亡日期", str(event)), ("死亡原因", cause)],
            "HOUSEHOLD_CANCEL": [("姓名", insured), ("注销日期", str(event)), ("注销原因", "死亡")],
            "CONSENT": [("同意人", self.case.subject_name), ("同意事项", self.case.item_label), ("同意日期", str(record.get("consent_on", self.day)))],
            "CONTRACT": [("保单号", self.case.policy.number if self.case.policy else "—"), ("投保人", self.name)],
        }  # fmt: skip
        listed(draw, told.get(kind, [("姓名", self.name), ("证明事项", label), ("用途", self.case.item_label), ("日期", self.day)]))
        if kind in ("DISCHARGE_RECORD", "DIAGNOSIS"):
            stamped(draw, str(hospital)[:6])
        elif kind in ("DEATH_CERT", "HOUSEHOLD_CANCEL", "RELATION_PROOF"):
            stamped(draw, "户籍专用")
        else:
            signed(draw, self.name, self.day)


@cache
def plain_page(kind: str, label: str, number: int, pages: int) -> bytes:
    """A printed page that is the same for everybody."""
    image, draw = sheet(label, f"第 {number} 页，共 {pages} 页" if pages > 1 else "")
    y = FIRST
    for text in WORDS[kind]:
        for line in wrapped(text, 17, WIDTH - 2 * EDGE):
            draw.text((EDGE, y), line, font=font(17), fill=INK)
            y += LINE
        y += 8
    return jpeg(image)


def jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=60)
    return out.getvalue()


def kept(content: bytes, name: str, kind: str) -> Prepared:
    """The file under its hash, its page beside it, as `prepare` leaves them."""
    path = storage.make_folder(storage.root() / "incoming") / secrets.token_hex(16)
    path.write_bytes(content)  # unlike an upload it can be drawn again: nobody waits for the disk
    try:
        file = storage.Staged(path, len(content), hashlib.sha256(content).hexdigest())
        folder, sizes = drawn(file)
        return Prepared(name, "jpeg", file.size, file.sha256, storage.keep_original(file), storage.Rendered(folder, sizes), kind)
    finally:
        path.unlink()


def drawn(file: storage.Staged) -> tuple[str, tuple[tuple[int, int], ...]]:
    folder = storage.new_folder()
    try:
        return folder, tuple(rendering.render("jpeg", file.path, storage.root() / folder))
    except BaseException:
        shutil.rmtree(storage.root() / folder, ignore_errors=True)
        raise


def papers_of(case: Case, record: dict[str, Any], applicant: Party | None) -> list[Prepared]:
    """Every paper that was received for the case, with as many pages as were counted at the counter."""
    papers, made = Papers(case, record, applicant), []
    for row in ChecklistRow.objects.filter(case_id=case.pk).exclude(received=Received.NONE).order_by("order", "pk"):
        pages = papers.draw(row.doc_type_id, row.label, row.pages)
        made += [kept(content, f"{row.label}{n if len(pages) > 1 else ''}.jpg", row.doc_type_id) for n, content in enumerate(pages, start=1)]
    return made
