/* 参考数据: inputs with data-lookup="kind" are answered by a list while people type. Free text stays allowed; the list
   only helps. Arrows choose, Enter or Tab takes over, Esc closes; data-fill-<fact>="field" sets other fields of the form. */
(() => {
  "use strict";
  const template = document.body.dataset.lookups;
  if (!template) return;
  let box = null, owner = null, rows = [], at = -1, timer = 0, asked = 0;

  function close() {
    clearTimeout(timer);
    asked += 1;
    if (box) box.remove();
    if (owner) {
      owner.setAttribute("aria-expanded", "false");
      owner.removeAttribute("aria-activedescendant");
      owner.removeAttribute("aria-controls");
    }
    box = null; owner = null; rows = []; at = -1;
  }
  function mark(next) {
    at = next;
    [...box.children].forEach((li, n) => li.setAttribute("aria-selected", String(n === at)));
    if (at >= 0) {
      owner.setAttribute("aria-activedescendant", box.children[at].id);
      box.children[at].scrollIntoView({ block: "nearest" });
    } else owner.removeAttribute("aria-activedescendant");
  }
  function take(row) {
    const input = owner;
    close();
    input.value = row.value;
    for (const [fact, value] of Object.entries(row.extra)) {
      const name = input.getAttribute(`data-fill-${fact.replaceAll("_", "-")}`);
      const field = name && input.form && input.form.elements.namedItem(name);
      if (!field) continue;
      field.value = value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    input.dataset.taken = row.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function show(input, found) {
    close();
    if (!found.length || document.activeElement !== input) return;
    owner = input; rows = found;
    box = document.createElement("ul");
    box.className = "lookup";
    box.id = `${input.id || input.name}_list`;
    box.setAttribute("role", "listbox");
    found.forEach((row, n) => {
      const li = document.createElement("li");
      li.id = `${box.id}_${n}`;
      li.setAttribute("role", "option");
      const code = document.createElement("span"), name = document.createElement("b"), note = document.createElement("small");
      code.textContent = row.code; name.textContent = row.name; note.textContent = row.note;
      li.append(code, name, note);
      li.addEventListener("mousedown", (event) => { event.preventDefault(); take(row); });
      box.append(li);
    });
    input.insertAdjacentElement("afterend", box);
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-controls", box.id);
    mark(-1);
  }
  async function ask(input) {
    const text = input.value.trim(), mine = ++asked;
    if (!text || input.dataset.taken === input.value) return close();
    try {
      const response = await fetch(`${template.replace("KIND", encodeURIComponent(input.dataset.lookup))}?q=${encodeURIComponent(text)}`);
      if (mine !== asked || !response.ok || window.lifeops.isLogin(response.url)) return;
      show(input, (await response.json()).results);
    } catch {
      /* without the list the field is a plain text field */
    }
  }
  document.addEventListener("input", (event) => {
    const input = event.target;
    if (!input.matches?.("[data-lookup]")) return;
    clearTimeout(timer);
    timer = setTimeout(() => ask(input), 150);
  });
  document.addEventListener("keydown", (event) => {
    if (!box || event.target !== owner || event.isComposing) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      event.preventDefault();
      mark((at + move + rows.length + (at < 0 && move < 0 ? 1 : 0)) % rows.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) {
      if (event.key === "Enter") event.preventDefault();
      event.stopPropagation();
      take(rows[at]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }, true);
  document.addEventListener("focusout", (event) => { if (event.target === owner) setTimeout(() => { if (event.target === owner) close(); }, 150); });
})();
