/* Dialogs, tabs, copying, one submit per click, and what to say when the session has ended. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const loginPath = document.body.dataset.login;

  function toast(text, tone = "info", keep = false) {
    const box = document.createElement("div");
    box.className = `note ${tone}`;
    box.textContent = text;
    $("#toast").replaceChildren(box);
    if (!keep) setTimeout(() => box.remove(), 4000);
    return box;
  }

  /* Other tabs may have signed in anew: always send the token that the cookie holds now. */
  function token() {
    const found = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
    return found ? decodeURIComponent(found[1]) : "";
  }
  function freshen(form) {
    const field = form.querySelector && form.querySelector("input[name=csrfmiddlewaretoken]");
    if (field && token()) field.value = token();
  }

  function expired() {
    const box = toast("登录已过期，本页内容仍在。请在新窗口登录后回到此页继续。", "warn", true);
    const link = document.createElement("a");
    link.href = loginPath;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "去登录";
    link.style.marginLeft = "8px";
    box.append(link);
  }
  const isLogin = (url) => Boolean(url) && new URL(url, location.href).pathname === loginPath;

  window.lifeops = { toast, token, expired, isLogin };

  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, parameters, headers } = event.detail;
    if (verb !== "get") {
      headers["X-CSRFToken"] = token();
      if (parameters.csrfmiddlewaretoken && token()) parameters.csrfmiddlewaretoken = token();
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (isLogin(xhr.responseURL) || xhr.status === 401 || xhr.getResponseHeader("X-Form-Expired")) {
      event.detail.shouldSwap = false;
      if (!event.detail.elt.closest("[data-quiet]")) expired();
    }
  });
  /* A refusal or a conflict never takes the place of what somebody has typed: it shows in the form or as a dialog. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, elt } = event.detail;
    if (![403, 404, 409, 422].includes(xhr.status) || !event.detail.shouldSwap) return;
    if (elt.closest("[data-quiet]")) {
      event.detail.shouldSwap = false;
      return;
    }
    const inForm = xhr.status !== 409 && elt.querySelector("[data-answer]");
    event.detail.target = inForm || $("#ask-in");
    event.detail.swapOverride = "innerHTML";
  });
  const loading = new Set();
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.closest("[data-quiet]")) return;
    loading.add(event.detail.xhr);
    document.body.classList.add("loading-now");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    loading.delete(event.detail.xhr);
    document.body.classList.toggle("loading-now", loading.size > 0);
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!event.detail.elt.closest("[data-quiet]")) toast("连接不上服务器，内容没有提交，请稍后重试", "error");
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.detail.elt.closest("[data-quiet]")) toast("系统出现错误，内容没有提交，请稍后重试", "error");
  });

  /* Fragments for a dialog open it; the first field takes the focus. */
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.detail.target.closest("dialog");
    if (!dialog) return;
    if (!dialog.open) dialog.showModal();
    focusFirst(dialog);
  });
  /* A refused form begins at what is to be mended, a page for one act at its first field, any other where it says. */
  function focusFirst(root) {
    const seen = (selector) => [...root.querySelectorAll(selector)].find((el) => !el.disabled && el.offsetParent);
    const first = seen(".is-invalid") || seen("input:not([type=hidden]), select, textarea") || seen("[data-focus]");
    if (first) first.focus();
  }
  // what is wrong is marked only when the new form has settled: until then fields look as those they take the place of
  document.addEventListener("htmx:afterSettle", (event) => {
    const act = event.detail.target.closest("dialog[open], .box.dlg");
    if (act && (act.matches(".box") || act.querySelector(".is-invalid"))) focusFirst(act);
  });
  const act = $(".box.dlg:has(form[method=post])");
  if (act) focusFirst(act);
  else {
    const wrong = [...document.querySelectorAll("main .is-invalid")].find((el) => el.offsetParent);
    // the browser's own autofocus waits for the first picture: keys struck before it would be lost
    (wrong || $("[autofocus]"))?.focus();
  }
  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".note").remove();
    const close = event.target.closest("[data-close]");
    if (close) {
      event.preventDefault();
      const dialog = close.closest("dialog");
      if (dialog) dialog.close();
      else history.back();
    }
    if (event.target.matches("dialog") && !event.target.querySelector("form")) event.target.close();
    if (event.target.closest("[data-keys-help]")) $("#keys").showModal();
    if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
    for (const menu of document.querySelectorAll("details.more[open]")) if (!menu.contains(event.target)) menu.open = false;
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy.dataset.copy);
    const printer = event.target.closest("[data-print]");
    if (printer) window.print();
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label, select") && !String(getSelection())) location.href = row.dataset.href;
  });

  async function copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
      toast(`已复制 ${text}`, "good");
    } catch {
      toast("浏览器不允许复制，请手工选取", "warn");
    }
  }

  /* Tabs loaded by htmx: mark the one that is shown. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    const tab = event.detail.elt;
    if (!tab.matches(".tabs a")) return;
    for (const other of tab.closest(".tabs").querySelectorAll("a")) {
      other.classList.toggle("active", other === tab);
      other.setAttribute("aria-selected", String(other === tab));
    }
  });

  /* A plain form with something typed leaves the page only while the session lives: what was typed would go with it. */
  const WRITTEN = "textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=submit])";
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const plain = form.method === "post" && !form.target && !form.dataset.draft && !form.hasAttribute("hx-post") && !form.matches("[role=search]");
    if (!plain || form.dataset.going === "1" || !$(".rail") || ![...form.elements].some((el) => el.matches(WRITTEN) && el.value)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.going) return;
    form.dataset.going = "asking";
    try {
      const answer = await fetch(document.body.dataset.drafts.replace("KEY", "alive"));
      form.dataset.going = isLogin(answer.url) || answer.status === 401 ? "" : "1";
      if (!form.dataset.going) expired();
    } catch {
      form.dataset.going = "";
      toast("连接不上服务器，内容没有提交，请稍后重试", "error");
    }
    if (form.dataset.going) form.requestSubmit(event.submitter);
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    freshen(form);
    if (form.dataset.confirm && !form.dataset.confirmed && !window.confirm(form.dataset.confirm)) {
      event.preventDefault();
      return;
    }
    const { needs } = form.dataset;
    if (needs && ![...form.elements].some((el) => el.name === needs && el.checked)) {
      event.preventDefault();
      toast("请先勾选", "warn");
      return;
    }
    collectOverrides(form);
    if (form.hasAttribute("data-once") && !event.defaultPrevented) {
      setTimeout(() => form.querySelectorAll("button").forEach((b) => b.setAttribute("aria-busy", "true")), 0);
    }
  }, true);
  /* A paper opens in a window of its own: when one comes back, the part of the page that tells of it is read anew. */
  let renew = null;
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.renew && !event.defaultPrevented) renew = { part: event.target.dataset.renew, from: event.target.dataset.renewFrom || location.pathname };
  });
  const back = () => {
    if (!renew || document.hidden) return;
    window.htmx.ajax("GET", renew.from, { source: document.body, target: renew.part, select: renew.part, swap: "outerHTML" });
    renew = null;
  };
  window.addEventListener("focus", back);
  document.addEventListener("visibilitychange", back);
  window.addEventListener("pageshow", () => document.querySelectorAll("button[aria-busy]").forEach((b) => b.removeAttribute("aria-busy")));

  /* Reasons for letting warnings pass travel as one field: {"A01": "…"}. */
  function collectOverrides(form) {
    const reasons = form.querySelectorAll("[data-override]");
    const field = form.querySelector("input[name=overrides]");
    if (!reasons.length || !field) return;
    const found = {};
    for (const input of reasons) if (input.value.trim()) found[input.dataset.override] = input.value.trim();
    field.value = JSON.stringify(found);
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-override]")) collectOverrides(event.target.form);
  });

  /* Fields that belong to some choices only: data-when="outcome:LOADING,EXCLUSION". Those that do not fit are not sent. */
  function fit(root) {
    for (const control of root.querySelectorAll("[data-when]")) {
      const [name, values] = control.dataset.when.split(":");
      const chosen = control.form && control.form.elements[name];
      if (!chosen) continue;
      // what is not asked has no answer
      const value = chosen.disabled || (chosen.type === "checkbox" && !chosen.checked) ? "" : chosen.value;
      control.disabled = !values.split(",").includes(value);
      (control.closest(".options label") || control.closest(".field")).hidden = control.disabled;
    }
    // options of a list likewise: data-with="outcome:REFUSE,PART"
    for (const option of root.querySelectorAll("option[data-with]")) {
      const [name, values] = option.dataset.with.split(":");
      const chosen = option.form && option.form.elements[name];
      if (!chosen || !chosen.value) continue;
      option.hidden = option.disabled = !values.split(",").includes(chosen.value);
      if (option.disabled && option.selected) option.parentElement.value = "";
    }
  }
  /* A text of the library brings its cause, unless one has been written. */
  document.addEventListener("change", (event) => {
    const cause = event.target.dataset.cause;
    const field = cause && event.target.checked && event.target.form && event.target.form.elements.namedItem("cause");
    if (field && !field.value.trim()) field.value = cause;
  });
  // capturing: before a preview of the form reads its values
  document.addEventListener("change", (event) => {
    const form = event.target.form || event.target.closest("form");
    if (form) fit(form);
  }, true);
  document.addEventListener("htmx:load", (event) => fit(event.detail.elt));
  fit(document);

  /* What has been mended is no longer called wrong. The words keep their place: the press that ends the typing must meet what it was aimed at. */
  document.addEventListener("change", (event) => {
    const field = event.target.closest?.(".field");
    if (!field || !event.target.value) return;
    event.target.classList.remove("is-invalid");
    event.target.removeAttribute("aria-invalid");
    field.querySelector(":scope > .errors")?.classList.add("mended");
  });

  for (const select of document.querySelectorAll("form[data-auto]")) select.addEventListener("change", () => select.requestSubmit());
})();
