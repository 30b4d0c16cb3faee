/* Keys: one listener for the page. Elements say their key in data-key; nothing fires while somebody is typing. */
(() => {
  "use strict";
  const WRITES = "input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select";
  // until the next picture is drawn the focus stays in a dialog that has just been closed: nobody types there
  const typing = (el) => !el.closest("dialog:not([open])") && el.closest(`${WRITES}, [contenteditable=true]`);
  const openDialog = () => document.querySelector("dialog[open]");

  function press(key) {
    const root = openDialog() || document;
    for (const el of root.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) {
      if (el.getAttribute("aria-disabled") === "true" || el.disabled || !(el.offsetParent || el.closest("details"))) continue;
      // a field takes the keys that follow, everything else is pressed
      if (el.matches(WRITES)) {
        el.focus();
        el.select?.();
      } else el.click();
      return true;
    }
    return false;
  }

  function rows() {
    return [...document.querySelectorAll("table.list tbody tr[data-href]")].filter((row) => row.offsetParent);
  }
  function move(by) {
    const all = rows();
    if (!all.length) return false;
    const at = all.findIndex((row) => row.classList.contains("chosen"));
    const next = Math.min(Math.max(at + by, 0), all.length - 1);
    all.forEach((row, i) => {
      row.classList.toggle("chosen", i === next);
      if (i === next) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
    all[next].scrollIntoView({ block: "nearest" });
    return true;
  }
  function openChosen() {
    const row = document.querySelector("tr.chosen[data-href]");
    if (row) location.href = row.dataset.href;
    return Boolean(row);
  }

  function tick() {
    const box = document.querySelector("tr.chosen input[type=checkbox]:not(:disabled)");
    if (box) box.click();
    return Boolean(box);
  }

  function tab(number) {
    const found = document.querySelectorAll(".tabs a")[number - 1];
    if (found) found.click();
    return Boolean(found);
  }

  /* Ctrl+Enter: the form one is in, then the open dialog, then the panel that says so. */
  function submit(target) {
    const dialog = openDialog();
    // a field of another form, also one that only belongs to it, sends that form and not the panel
    const own = target.matches("input, select, textarea") && (target.form || target.closest("form"));
    const form = (own && own.method === "post" && !own.matches("[role=search]") && own) || target.closest("form[data-submit-key], dialog form, .dlg form") || (dialog && dialog.querySelector("form[method=post]"));
    if (form) {
      form.requestSubmit(form.querySelector("[data-main], button:not([type=button])"));
      return true;
    }
    if (dialog) return false;
    const panel = document.querySelector("form[data-submit-key], .box.dlg form[method=post]");
    if (panel) {
      panel.requestSubmit(panel.querySelector("[data-main], button:not([type=button])"));
      return true;
    }
    return press("ctrl+enter");
  }

  function nextField(target) {
    const form = target.closest("form[data-enter-next]");
    if (!form || target.matches("textarea, button, [type=submit], [type=checkbox], [type=radio]")) return false;
    const fields = [...form.querySelectorAll("input:not([type=hidden]), select, textarea, button")].filter((el) => !el.disabled && el.offsetParent);
    const next = fields[fields.indexOf(target) + 1];
    if (!next) return false;
    next.focus();
    if (next.select && next.type !== "date") next.select();
    return true;
  }

  function handle(event) {
    const { key, target } = event;
    if (event.isComposing || key === "Process") return false;
    if ((event.ctrlKey || event.metaKey) && key === "Enter") return submit(target);
    if (event.ctrlKey || event.metaKey) return false;
    if (key === "F2") {
      const place = !openDialog() && document.querySelector("[data-f2]");
      if (place) { place.focus(); place.select(); }
      return Boolean(place);
    }
    if (key === "Enter" && nextField(target)) return true;
    if (typing(target)) {
      // in a dialog the key closes it; elsewhere it leaves the field, and the single keys answer again
      if (key === "Escape" && !openDialog()) target.blur();
      return false;
    }
    if (event.altKey) return /^[1-9]$/.test(key) && tab(Number(key));
    if (key === "?") {
      const help = document.getElementById("keys");
      if (help.open) help.close();
      else help.showModal();
      return true;
    }
    if (openDialog()) return press(key.toLowerCase());
    if (key === "/") {
      const find = document.getElementById("find");
      if (find) { find.focus(); find.select(); }
      return Boolean(find);
    }
    if (/^[1-9]$/.test(key)) return tab(Number(key));
    switch (key.toLowerCase()) {
      case "j": return move(1);
      case "k": return move(-1);
      case "x": return tick() || press("x");
      case "enter": return target.closest("a, button, summary") ? false : openChosen() || press("enter");
      case "h": {
        const home = document.querySelector(".rail .brand");
        if (home) location.href = home.href;
        return Boolean(home);
      }
      default: return key.length === 1 && press(key.toLowerCase());
    }
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !(event.target instanceof Element)) return;
    if (handle(event)) event.preventDefault();
  });
})();
