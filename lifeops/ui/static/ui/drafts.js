/* 草稿: forms with data-draft="key" are saved on the server a second after the last keystroke and filled again on load.
   Nothing is kept in the browser's storage: what is typed are people's data. */
(() => {
  "use strict";
  const template = document.body.dataset.drafts;
  if (!template) return;
  const skipped = new Set(["csrfmiddlewaretoken", "version", "key", "filled_for"]);
  const states = new WeakMap();
  const address = (form) => template.replace("KEY", encodeURIComponent(form.dataset.draft));

  function read(form) {
    const data = {};
    for (const [name, value] of new FormData(form)) {
      if (skipped.has(name) || typeof value !== "string") continue;
      (data[name] ||= []).push(value);
    }
    return data;
  }
  function fill(form, data) {
    for (const el of form.elements) {
      if (!el.name || skipped.has(el.name) || el.type === "file" || el.type === "submit" || el.type === "button") continue;
      const values = data[el.name];
      if (el.type === "checkbox" || el.type === "radio") el.checked = Boolean(values) && values.includes(el.value);
      else if (values) el.value = el.multiple ? el.value : values[0];
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function say(form, text, bad = false) {
    const place = form.querySelector("[data-draft-status]") || form.closest(".box, dialog, main")?.querySelector("[data-draft-status]");
    if (!place) return;
    place.textContent = text;
    place.classList.toggle("bad", bad);
  }

  async function save(form, byHand = false) {
    const state = states.get(form);
    if (!state || state.done) return;
    clearTimeout(state.timer);
    const text = JSON.stringify(read(form));
    if (text === state.saved && !byHand) return;
    try {
      const response = await fetch(address(form), {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": window.lifeops.token() },
        body: JSON.stringify({ data: JSON.parse(text), version: Number(form.elements.version?.value || 0) }),
      });
      if (window.lifeops.isLogin(response.url) || response.status === 401 || response.headers.get("X-Form-Expired")) {
        say(form, "登录已过期，草稿未保存", true);
        window.lifeops.expired();
        return "expired";
      }
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.error);
      state.saved = text;
      state.failed = false;
      say(form, `草稿已保存 ${answer.saved_at.slice(0, 5)}`);
    } catch (error) {
      state.failed = true;
      const unreachable = error instanceof TypeError;
      say(form, /^[㐀-鿿]/.test(error.message || "") ? error.message : "草稿未能保存，请勿关闭本页", true);
      state.timer = setTimeout(() => save(form), 10000);
      return unreachable ? "unreachable" : "refused";
    }
    return "saved";
  }

  async function start(form) {
    if (states.has(form)) return;
    const state = { saved: JSON.stringify(read(form)), timer: 0, failed: false, done: false };
    states.set(form, state);
    if (form.querySelector(".is-invalid")) return;
    try {
      const response = await fetch(address(form));
      if (!response.ok || window.lifeops.isLogin(response.url)) return;
      const { data, version } = await response.json();
      if (!data || JSON.stringify(read(form)) !== state.saved || !Object.keys(data).length) return;
      fill(form, data);
      state.saved = JSON.stringify(read(form));
      const seen = Number(form.elements.version?.value || 0);
      say(form, version && seen && version !== seen ? "已恢复草稿；案件此后有变化，请核对" : "已恢复上次的草稿", Boolean(version && seen && version !== seen));
    } catch {
      /* without a draft the form starts as the server gave it */
    }
  }

  const starts = (root) => {
    if (root.matches?.("form[data-draft]")) start(root);
    root.querySelectorAll?.("form[data-draft]").forEach(start);
  };
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || !form.dataset.draft || !states.has(form)) return;
    const state = states.get(form);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => save(form), 1000);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    const form = event.target.closest?.("form[data-draft]") || document.querySelector("form[data-draft]");
    if (!form) return;
    event.preventDefault();
    save(form, true);
  });
  /* A form that leaves the page goes only while the session lives: otherwise what was typed would go with it. */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.draft || form.hasAttribute("hx-post") || !states.has(form) || form.dataset.going) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    const answer = await save(form, true);
    if (answer === "expired" || answer === "unreachable") {
      form.querySelectorAll("button[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
      return;
    }
    form.dataset.going = "1";
    form.requestSubmit(submitter);
  }, true);
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-going]").forEach((form) => delete form.dataset.going));
  /* After a successful submit the draft is done with; the server deletes it, or this does. */
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (!(form instanceof HTMLFormElement) || !form.dataset.draft) return;
    const { xhr } = event.detail;
    if (!xhr.getResponseHeader("HX-Redirect")) return;
    const state = states.get(form);
    if (state) { state.done = true; clearTimeout(state.timer); }
    fetch(address(form), { method: "DELETE", headers: { "X-CSRFToken": window.lifeops.token() }, keepalive: true });
  });
  /* Another button of the page, a link, the tab: what was typed in the last second is kept while the page goes. */
  window.addEventListener("pagehide", () => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      const state = states.get(form);
      if (!state || state.done || form.dataset.going) continue;
      const data = read(form);
      if (JSON.stringify(data) === state.saved) continue;
      fetch(address(form), {
        method: "POST", keepalive: true,
        headers: { "Content-Type": "application/json", "X-CSRFToken": window.lifeops.token() },
        body: JSON.stringify({ data, version: Number(form.elements.version?.value || 0) }),
      }).catch(() => {});
    }
  });
  window.addEventListener("beforeunload", (event) => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      const state = states.get(form);
      if (state && state.failed && !state.done) event.preventDefault();
    }
  });
  document.addEventListener("htmx:load", (event) => starts(event.detail.elt));
  starts(document);
})();
