/* 预审 and 录入: tables grow while one types, papers take their pages. */
(() => {
  "use strict";
  /* The last row of a table field is typed into: another empty one follows. */
  document.addEventListener("input", (event) => {
    const row = event.target.closest("table[data-rows] tbody tr");
    if (!row || row.nextElementSibling || !event.target.value) return;
    const copy = row.cloneNode(true);
    for (const input of copy.querySelectorAll("input")) {
      input.name = input.name.replace(/-(\d+)-/, (_, n) => `-${Number(n) + 1}-`);
      input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/第 (\d+) 行/, (_, n) => `第 ${Number(n) + 1} 行`));
      input.value = "";
      input.classList.remove("is-invalid");
    }
    row.after(copy);
  });
  /* A questionnaire without a yes: the blanks get their answer at once, what has been answered stays. */
  document.addEventListener("click", (event) => {
    const rest = event.target.closest("[data-rest]");
    if (!rest) return;
    for (const select of rest.closest("table").querySelectorAll("tbody select")) {
      if (select.value) continue;
      select.value = rest.dataset.rest;
      select.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".papers input[type=radio]")) return;
    const pages = event.target.closest("tr").querySelector(".pages");
    if (event.target.value === "none") pages.value = "";
    else pages.value ||= "1";
  });
  /* 全选 of a list follows the rows, and they follow it. */
  const all = document.querySelector("[data-check-all]");
  if (all) {
    const rows = () => [...all.closest("table").querySelectorAll("tbody input[type=checkbox]")];
    const follow = () => {
      const ticked = rows().filter((box) => box.checked).length;
      all.checked = ticked === rows().length;
      all.indeterminate = ticked > 0 && !all.checked;
    };
    all.addEventListener("change", () => rows().forEach((box) => { box.checked = all.checked; }));
    all.closest("table").addEventListener("change", (event) => { if (event.target !== all) follow(); });
    follow();
  }
  const form = document.querySelector(".work form[data-submit-key]");
  const bad = form && form.querySelector(".is-invalid");
  if (bad) bad.focus();
  else if (form && form.matches("[data-enter-next]")) form.querySelector("input:not([type=hidden]):not([type=checkbox]), select, textarea")?.focus();
})();
