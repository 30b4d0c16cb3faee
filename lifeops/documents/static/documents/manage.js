/* 影像管理: files go up one by one with their progress; pages are arranged in place. Without this script the forms still work. */
(() => {
  "use strict";
  document.documentElement.classList.add("js");
  const { token, toast } = window.lifeops;
  const grid = document.querySelector("[data-grid]");
  const cards = () => [...document.querySelectorAll("[data-card]")];

  async function save(card, name, value) {
    const body = new FormData();
    body.set(name, value);
    card.classList.add("saving");
    try {
      const answer = await fetch(card.querySelector("form").action, {
        method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token() },
      });
      if (window.lifeops.isLogin(answer.url)) { window.lifeops.expired(); return null; }
      const found = await answer.json();
      if (!answer.ok) { toast(found.error || "没有保存", "error"); return null; }
      return found;
    } catch {
      toast("连接不上服务器，没有保存", "error");
      return null;
    } finally {
      card.classList.remove("saving");
    }
  }

  /* pages expected against scanned, as the server counts them now */
  let counting = 0;
  function recount() {
    clearTimeout(counting);
    counting = setTimeout(async () => {
      try {
        const answer = await fetch(location.href);
        if (!answer.ok || window.lifeops.isLogin(answer.url)) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of document.querySelectorAll("[data-count]")) {
          const found = fresh.querySelector(`[data-count="${part.dataset.count}"]`);
          if (found) { part.replaceWith(found); window.htmx.process(found); }
        }
      } catch { /* the next change counts again */ }
    }, 400);
  }

  function renumber() {
    cards().forEach((card, i) => { card.querySelector("[data-position]").textContent = i + 1; });
  }

  const acts = {
    async turn(card) {
      const image = card.querySelector("[data-turn]");
      const found = await save(card, "rotation", (Number(image.dataset.turn) + 90) % 360);
      if (!found) return;
      image.dataset.turn = String(found.rotation);
      image.className = `turn-${found.rotation}`;
    },
    async hide(card) {
      const found = await save(card, "hidden", card.classList.contains("is-hidden") ? "0" : "1");
      if (!found) return;
      card.classList.toggle("is-hidden", found.hidden);
      const button = card.querySelector("[data-do=hide]");
      button.title = found.hidden ? "显示（X）" : "隐藏（X）";
      button.querySelector("i").className = found.hidden ? "ti ti-eye" : "ti ti-eye-off";
      recount();
    },
    back: (card) => place(card, cards().indexOf(card) - 1),
    forth: (card) => place(card, cards().indexOf(card) + 1),
  };

  async function place(card, to) {
    const all = cards();
    const from = all.indexOf(card);
    if (to < 0 || to >= all.length || to === from) return;
    if (!(await save(card, "order", to + 1))) return;
    grid.insertBefore(card, to > from ? all[to].nextSibling : all[to]);
    renumber();
    card.focus();
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    const card = event.target.closest("[data-card]");
    if (!card) return;
    event.preventDefault();
    if (button && acts[button.dataset.do]) acts[button.dataset.do](card);
  });
  async function sort(card, type) {
    const found = await save(card, "doc_type", type);
    if (found) recount();
    return found;
  }
  document.addEventListener("change", (event) => {
    const card = event.target.closest("[data-card]");
    if (card && event.target.name === "doc_type") sort(card, event.target.value);
  });
  /* One key says what a page is, as the rows of the count are numbered, and goes on to the next page. */
  function name(card, number) {
    const type = document.querySelectorAll("[data-count=check] tr[data-type]")[number - 1]?.dataset.type;
    const select = card.querySelector("select");
    if (!type || !select) return false;
    const was = select.value;
    select.value = type;
    sort(card, type).then((found) => { if (!found) select.value = was; });
    const all = cards();
    (all[all.indexOf(card) + 1] || card).focus();
    return true;
  }
  /* The keys begin with the first page that has no type yet. */
  const first = () => cards().find((card) => !card.classList.contains("is-hidden") && card.querySelector("select")?.value === "") || cards()[0];
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("select") && event.key === "Escape" && event.target.closest("[data-card]")) {
      event.target.closest("[data-card]").focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const idle = event.target === document.body || event.target.matches("main");
    if (idle && ["ArrowLeft", "ArrowRight"].includes(event.key) && !event.altKey && first()) {
      first().focus();
      event.preventDefault();
      return;
    }
    const card = event.target.closest("[data-card]");
    if (!card || event.target.matches("select, input")) return;
    const editable = Boolean(card.querySelector("[data-do]"));
    const all = cards();
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && event.altKey && editable) place(card, all.indexOf(card) + by);
    else if (by) (all[all.indexOf(card) + by] || card).focus();
    else if (editable && event.key.toLowerCase() === "r") acts.turn(card);
    else if (editable && event.key.toLowerCase() === "x") acts.hide(card);
    else if (editable && event.key.toLowerCase() === "c") card.querySelector("select").focus();
    else if (editable && /^[1-9]$/.test(event.key) && !event.altKey) { if (!name(card, Number(event.key))) return; } else return;
    event.preventDefault();
  });

  /* drag a card before another one */
  let held = null;
  document.addEventListener("dragstart", (event) => {
    held = event.target.closest ? event.target.closest("[data-card][draggable]") : null;
    if (held) { held.classList.add("dragged"); event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", ""); }
  });
  document.addEventListener("dragend", () => {
    cards().forEach((card) => card.classList.remove("dragged", "over"));
    held = null;
  });
  document.addEventListener("dragover", (event) => {
    const card = held && event.target.closest("[data-card]");
    if (!card) return;
    event.preventDefault();
    cards().forEach((each) => each.classList.toggle("over", each === card && card !== held));
  });

  if (document.activeElement === document.body && first()?.querySelector("select")?.value === "") first().focus({ preventScroll: true });

  /* bringing files in: what is chosen or dropped goes up at once */
  const form = document.querySelector("[data-upload]");
  const list = document.querySelector("[data-progress]");
  const zone = document.querySelector("[data-drop]");

  function line(text, tone = "") {
    const item = document.createElement("li");
    item.className = tone;
    item.textContent = text;
    list.append(item);
    return item;
  }

  function send(file) {
    return new Promise((done) => {
      const item = line(file.name);
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      item.append(bar);
      const finish = (text, tone, pages) => { item.className = tone; item.textContent = text; done(pages); };
      if (file.size > Number(form.dataset.most) * 1024 * 1024) {
        finish(`${file.name}：文件超过 ${form.dataset.most} MB，请拆分或降低扫描分辨率`, "bad", 0);
        return;
      }
      const body = new FormData(form);
      body.delete("files");
      body.set("files", file);
      const xhr = new XMLHttpRequest();
      xhr.open("POST", form.action);
      xhr.setRequestHeader("Accept", "application/json");
      xhr.setRequestHeader("X-CSRFToken", token());
      xhr.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
      xhr.addEventListener("error", () => finish(`${file.name}：连接不上服务器，没有上传`, "bad", 0));
      xhr.addEventListener("load", () => {
        let found = null;
        try { found = JSON.parse(xhr.responseText); } catch { /* not ours: the session has ended or the server failed */ }
        if (!found) {
          if (window.lifeops.isLogin(xhr.responseURL)) window.lifeops.expired();
          finish(`${file.name}：没有上传，请重新登录后再试`, "bad", 0);
        } else if (found.errors.length) {
          finish(found.errors.map((e) => `${e.name || file.name}：${e.message}`).join("；"), "bad", 0);
        } else {
          const pages = found.taken.reduce((sum, each) => sum + each.pages, 0);
          finish(`${file.name}：已入库 ${pages} 页`, "good", pages);
        }
      });
      xhr.send(body);
    });
  }

  async function sendAll(files) {
    list.replaceChildren();
    let pages = 0;
    for (const file of files) pages += await send(file);
    form.querySelector("[type=file]").value = "";
    form.querySelector("[type=file]").dispatchEvent(new Event("change"));
    if (!pages) return;
    if (list.querySelector(".bad")) {
      const item = line("");
      const link = document.createElement("a");
      link.href = location.pathname + location.search;
      link.textContent = `已入库 ${pages} 页，查看`;
      item.append(link);
    } else location.reload();
  }

  if (form) {
    form.addEventListener("submit", (event) => {
      const files = [...form.querySelector("[type=file]").files];
      if (!files.length) return;
      event.preventDefault();
      sendAll(files);
    });
    const chosen = zone.querySelector("[data-chosen]");
    const words = chosen.textContent;
    form.querySelector("[type=file]").addEventListener("change", (event) => {
      const names = [...event.target.files].map((file) => file.name);
      chosen.textContent = names.length > 3 ? `${names.slice(0, 3).join("、")} 等 ${names.length} 个文件` : names.join("、") || words;
      if (names.length) sendAll([...event.target.files]);
    });
    zone.addEventListener("dragover", (event) => { if (!held) { event.preventDefault(); zone.classList.add("over"); } });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  }
  document.addEventListener("drop", (event) => {
    if (held) {
      event.preventDefault();
      const card = event.target.closest("[data-card]");
      if (card && card !== held) {
        const all = cards();
        const to = all.indexOf(card);
        place(held, to > all.indexOf(held) ? to - 1 : to);
      }
      return;
    }
    if (zone && event.target.closest("[data-drop]")) {
      event.preventDefault();
      zone.classList.remove("over");
      sendAll([...event.dataTransfer.files]);
    }
  });
})();
