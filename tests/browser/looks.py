"""What a screen must never show, asked of the page itself at each width."""

from __future__ import annotations

from typing import Any

#: Widths of the desks: the common screen, the large one, and a narrow window.
SIZES = ((1366, 768), (1920, 1080), (1024, 768))

#: Letters that are no English words: formats of files and names that are the same in every language.
SAME = ("PDF", "JPEG", "PNG", "TIFF", "CSV", "Excel", "Ctrl", "Alt", "Esc", "SHA-256")

PROBE = r"""(same) => {
  const found = [];
  const say = (kind, what) => { const line = `${kind}：${what}`; if (!found.includes(line)) found.push(line); };
  const shown = (e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && getComputedStyle(e).visibility !== "hidden"; };
  const away = "[hidden], dialog:not([open]), .visually-hidden, .skip, svg, noscript, details:not([open]) > :not(summary)";
  const root = document.documentElement;
  const own = (e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join("");
  if (!/[\u4e00-\u9fff]/.test(document.title)) say("标题不是中文", document.title);
  if (root.scrollWidth > root.clientWidth) say("页面横向溢出", `${root.scrollWidth} > ${root.clientWidth}`);
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest(away) || !shown(e)) continue;
    const style = getComputedStyle(e), box = e.getBoundingClientRect(), text = own(e);
    const input = e.matches("input, select, textarea");
    if (text && !input && style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && !(style.textOverflow === "ellipsis" && e.closest("[title]"))) say("文字被截断", text.slice(0, 30));
    if (text.length > 1 && /[\u4e00-\u9fff]{2}/.test(text) && box.width < 26 && box.height > 34) say("文字被压成竖排", text.slice(0, 20));
    if (e.matches(".btn") && box.height > 44 && text) say("按钮折行", text);
    if (e.matches("table") && getComputedStyle(e.parentElement).overflowX === "visible" && e.parentElement.scrollWidth > e.parentElement.clientWidth + 1) say("表格溢出", e.innerText.slice(0, 30));
    if (input && e.type !== "hidden" && !(e.labels && e.labels.length) && !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby")) say("输入格没有名称", e.name || e.id);
    if (input && e.placeholder && !e.value && e.scrollWidth > e.clientWidth + 1) say("提示语被截断", e.placeholder);
    if (e.tabIndex > 0) say("次序被改动", e.outerHTML.slice(0, 60));
    for (const name of ["title", "placeholder", "aria-label"]) {
      const words = e.getAttribute(name) || "";
      if (/[A-Za-z]{3,}/.test(words) && !/[\u4e00-\u9fff]/.test(words) && !/\d/.test(words)) say("英文", `${name}=${words}`);
    }
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement;
    if (!e || e.closest("script, style, kbd, .material-symbols-outlined, " + away) || !shown(e)) continue;
    // words stand alone: what is joined to a figure, a hyphen, a sign or a name is a code, an address, a person of the cast
    for (const m of n.data.matchAll(/(^|[^A-Za-z0-9_@.\/\u4e00-\u9fff-])([A-Za-z]{3,})(?![A-Za-z0-9_@\/-]|\.\w)/g)) if (!same.includes(m[2])) say("英文", m[2]);
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) say("编号重复", id);
  const keys = [...document.querySelectorAll("[data-key]")].filter((e) => !e.closest("dialog, details") && shown(e)).map((e) => e.dataset.key);
  for (const key of new Set(keys)) if (keys.filter((other) => other === key).length > 1) say("同一键两处", key);
  return found;
}"""

#: Addresses that a page leads to: the menu, the tabs, the numbers of the home page, the first row of a list.
LEADS = r"""() => [...new Set([...document.querySelectorAll(".rail a, main .tabs a, main a.tile, main .tile a, main a.count"),
  ...[...document.querySelectorAll("main table.list tbody tr[data-href]")].slice(0, 1)].map((e) => e.dataset.href || e.getAttribute("href"))
  .filter((to) => to && !to.startsWith("#")).map((to) => new URL(to, location.href)).filter((to) => to.origin === location.origin)
  .map((to) => to.pathname + to.search))]"""

SETTLED = "() => !document.querySelector('.htmx-request') && !document.body.innerText.includes('正在取影像')"


def faults(page: Any, sizes: tuple[tuple[int, int], ...] = SIZES) -> list[str]:
    """What is wrong with the page as it is shown, at every width; each once, with the widths."""
    page.wait_for_function(SETTLED)
    found: dict[str, list[str]] = {}
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        for line in page.evaluate(PROBE, list(SAME)):
            found.setdefault(line, []).append(str(width))
    return [f"{line}（{'、'.join(widths)}）" for line, widths in found.items()]
