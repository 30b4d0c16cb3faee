/* 影像查看: page, turn, zoom, drag. Loaded with the fragment; listens once for the whole page. */
(() => {
  "use strict";
  if (window.lifeopsScan) return;
  window.lifeopsScan = true;
  const views = new WeakMap();
  const root = () => document.querySelector("[data-scan]");
  const thumbs = (scan) => [...scan.querySelectorAll("[data-page]")];

  function view(scan) {
    if (!views.has(scan)) views.set(scan, { at: Math.max(0, thumbs(scan).findIndex((thumb) => thumb.classList.contains("active"))), zoom: 1 });
    return views.get(scan);
  }

  /* Sized by the space there is: zoom 1 fills the width, whichever way the page is turned. */
  function draw(scan) {
    const stage = scan.querySelector("[data-stage]");
    const sheet = scan.querySelector("[data-sheet]");
    const image = scan.querySelector("[data-large]");
    if (!stage) return;
    const state = view(scan);
    const chosen = thumbs(scan)[state.at];
    const { turn, width, height } = chosen.dataset;
    const lying = turn === "90" || turn === "270";
    const [w, h] = lying ? [Number(height), Number(width)] : [Number(width), Number(height)];
    const shown = Math.max(120, stage.clientWidth - 18) * state.zoom;
    const ratio = shown / w;
    sheet.classList.add("set");
    sheet.style.width = `${shown}px`;
    sheet.style.height = `${h * ratio}px`;
    image.className = "";
    image.style.width = `${Number(width) * ratio}px`;
    image.style.height = `${Number(height) * ratio}px`;
    image.style.transform = `translate(-50%, -50%) rotate(${turn}deg)`;
  }

  function show(scan, at) {
    const all = thumbs(scan);
    if (!all.length) return;
    const state = view(scan);
    state.at = Math.min(Math.max(at, 0), all.length - 1);
    const chosen = all[state.at];
    all.forEach((thumb) => {
      thumb.classList.toggle("active", thumb === chosen);
      if (thumb === chosen) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
    const image = scan.querySelector("[data-large]");
    if (image.getAttribute("src") !== chosen.getAttribute("href")) image.src = chosen.getAttribute("href");
    image.alt = `第 ${state.at + 1} 页 ${chosen.dataset.type}`;
    scan.querySelector("[data-at]").textContent = state.at + 1;
    scan.querySelector("[data-label]").textContent = chosen.dataset.type;
    const strip = scan.querySelector("[data-thumbs]");
    strip.scrollLeft = chosen.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + chosen.clientWidth / 2;
    scan.querySelector("[data-stage]").scrollTop = 0;
    draw(scan);
    const next = all[state.at + 1];
    if (next) new Image().src = next.getAttribute("href");
  }

  /* Kept for everybody by those who may arrange; for the others it turns on their own screen. */
  async function turn(scan, by) {
    const chosen = thumbs(scan)[view(scan).at];
    if (!chosen) return;
    const angle = (Number(chosen.dataset.turn) + by + 360) % 360;
    chosen.dataset.turn = String(angle);
    chosen.querySelector("img").className = `turn-${angle}`;
    draw(scan);
    if (!scan.hasAttribute("data-keep")) return;
    const body = new FormData();
    body.set("rotation", angle);
    try {
      const answer = await fetch(chosen.dataset.state, {
        method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": window.lifeops.token() },
      });
      if (!answer.ok) window.lifeops.toast("旋转没有保存", "warn");
    } catch {
      window.lifeops.toast("旋转没有保存", "warn");
    }
  }

  function zoom(scan, to) {
    view(scan).zoom = Math.min(Math.max(to, 0.4), 5);
    draw(scan);
  }

  const acts = {
    prev: (scan) => show(scan, view(scan).at - 1),
    next: (scan) => show(scan, view(scan).at + 1),
    left: (scan) => turn(scan, -90),
    right: (scan) => turn(scan, 90),
    in: (scan) => zoom(scan, view(scan).zoom * 1.25),
    out: (scan) => zoom(scan, view(scan).zoom / 1.25),
    fit: (scan) => zoom(scan, 1),
  };

  document.addEventListener("click", (event) => {
    const scan = event.target.closest("[data-scan]");
    if (!scan) return;
    const button = event.target.closest("[data-act]");
    if (button) {
      acts[button.dataset.act](scan);
      return;
    }
    const thumb = event.target.closest("[data-page]");
    if (thumb && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(scan, thumbs(scan).indexOf(thumb));
    }
  });

  document.addEventListener("keydown", (event) => {
    const scan = root();
    if (!scan || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable=true], [role=tab], dialog")) return;
    if (document.querySelector("dialog[open]")) return;
    const act = { ArrowLeft: "prev", ArrowRight: "next", PageUp: "prev", PageDown: "next", "=": "in" }[event.key];
    if (!act || !thumbs(scan).length) return;
    event.preventDefault();
    acts[act](scan);
  });

  document.addEventListener("pointerdown", (event) => {
    const stage = event.target.closest("[data-stage]");
    if (!stage || event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    stage.focus({ preventScroll: true });
    const from = { x: event.clientX + stage.scrollLeft, y: event.clientY + stage.scrollTop };
    stage.classList.add("held");
    const move = (e) => { stage.scrollLeft = from.x - e.clientX; stage.scrollTop = from.y - e.clientY; };
    const drop = () => { stage.classList.remove("held"); removeEventListener("pointermove", move); removeEventListener("pointerup", drop); };
    addEventListener("pointermove", move);
    addEventListener("pointerup", drop);
  });

  const start = () => { const scan = root(); if (scan && scan.querySelector("[data-stage]")) show(scan, view(scan).at); };
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.querySelector("[data-scan]")) start(); });
  addEventListener("resize", () => { const scan = root(); if (scan) draw(scan); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
