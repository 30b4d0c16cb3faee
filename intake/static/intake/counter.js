/* 受理台: picks fill the form, choices bring the checklist of the item, one key ticks what must be there. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-counter]");
  if (!form) return;
  // not elements[name]: "item" is a method of the collection
  const field = (name) => form.elements.namedItem(name);
  const side = document.getElementById("counter-side");
  let seen = "";
  let kindChosen = false;
  let kind = field("applicant_kind").value;

  function signature() {
    return ["item", "channel", "applicant_kind", "policy_number", "occurred_on", "submitted_on", "applicant", "applicant_id_type"].map((name) => field(name)?.value || "").join("|");
  }
  function refresh() {
    const now = signature();
    if (now === seen) return;
    seen = now;
    window.htmx.ajax("POST", form.dataset.refreshUrl, { source: form, target: side, swap: "innerHTML" });
  }

  /* Through an agent: that of the policy to begin with; none without one. */
  function agent() {
    const card = side.querySelector("[data-agent]")?.dataset.agent || "";
    const box = field("agent_code");
    if (field("channel").value === "agent") box.value ||= card;
    else if (box.value === card) box.value = "";
  }

  function chosen(text) {
    const box = form.querySelector("[data-chosen]");
    const fresh = form.querySelector("[data-new-person]");
    box.hidden = !text;
    fresh.hidden = Boolean(text) || kind === "company";
    box.querySelector("[data-chosen-text]").textContent = text || "";
    if (text) for (const name of ["applicant_id_number", "applicant_id_valid_to", "applicant_phone"]) field(name).value = "";
  }
  function fill(button) {
    const data = JSON.parse(button.dataset.fill || button.dataset.auto);
    if (data.applicant_kind) {
      field("applicant_kind").value = data.applicant_kind;
      kindChanged();
    }
    for (const [name, value] of Object.entries(data)) if (field(name)) field(name).value = value;
    if ("applicant" in data) chosen(data.applicant ? button.dataset.said : "");
    save();
    refresh();
  }
  /* The company has no document; who has died comes for nobody. What was filled in for another kind of applicant goes. */
  function kindChanged() {
    const was = kind;
    kind = field("applicant_kind").value;
    const company = kind === "company";
    const dead = kind === "heir" && [...side.querySelectorAll("[data-died][data-fill]")].some((pick) => JSON.parse(pick.dataset.fill).applicant === field("applicant").value);
    if (was !== kind && (company || was === "company" || dead)) {
      field("applicant").value = field("applicant_name").value = "";
      chosen("");
    }
    field("applicant_name").readOnly = company;
    for (const el of form.querySelectorAll("[data-new-person] input, [data-new-person] select")) el.disabled = company;
    if (company) form.querySelector("[data-new-person]").hidden = true;
  }
  function save() {
    field("item").dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-fill]");
    if (pick) {
      fill(pick);
      if (pick.closest("#found")) document.getElementById("found").replaceChildren();
      const next = field(pick.dataset.then || "channel");
      if (next) next.focus();
    }
    if (event.target.closest("[data-unchoose]")) {
      field("applicant").value = "";
      chosen("");
      field("applicant_id_number").focus();
    }
    if (event.target.closest("[data-all]")) {
      for (const row of form.querySelectorAll("tr[data-paper][data-required]")) {
        const kind = row.hasAttribute("data-original") ? "original" : "copy";
        const radio = [...row.querySelectorAll("input[type=radio]")];
        if (radio.find((r) => r.checked && r.value !== "none")) continue;
        radio.find((r) => r.value === kind).checked = true;
        row.querySelector(".pages").value ||= row.dataset.usual;
        row.classList.remove("gap");
      }
      save();
    }
    if (event.target.closest("[data-clear]")) clear();
  });
  /* A paper that is received has pages: begin with the usual number. */
  form.addEventListener("change", (event) => {
    const row = event.target.closest("tr[data-paper]");
    if (row && event.target.type === "radio") {
      const pages = row.querySelector(".pages");
      if (event.target.value === "none") pages.value = "";
      else pages.value ||= row.dataset.usual;
      row.classList.toggle("gap", event.target.value === "none" && row.hasAttribute("data-required"));
    }
    if (event.target.name === "applicant_kind") {
      kindChosen = true;
      kindChanged();
    }
    if (event.target.name === "channel") agent();
    if (event.target === form) kindChanged();
    if (event.target === form || event.target.matches("[data-refresh]")) refresh();
  });
  form.addEventListener("input", (event) => {
    if (event.target.name === "applicant_name" && field("applicant").value) {
      field("applicant").value = "";
      chosen("");
    }
  });
  /* What was ticked while the answer was on its way stays ticked. */
  let ticked = new Map();
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== side) return;
    ticked = new Map([...side.querySelectorAll("tr[data-paper]")].map((row) => [
      row.querySelector("input[type=radio]").name,
      { received: row.querySelector("input[type=radio]:checked")?.value, pages: row.querySelector(".pages").value },
    ]));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== side) return;
    for (const row of side.querySelectorAll("tr[data-paper]")) {
      const radios = [...row.querySelectorAll("input[type=radio]")];
      const was = ticked.get(radios[0].name);
      if (!was || !was.received) continue;
      radios.find((r) => r.value === was.received).checked = true;
      row.querySelector(".pages").value = was.pages;
      row.classList.toggle("gap", was.received === "none" && row.hasAttribute("data-required"));
    }
  });
  /* 发生日 belongs to claims: for other items it is neither asked for nor sent, what was typed waits. */
  function occurs() {
    const off = side.querySelector("[data-occurs]")?.dataset.occurs === "no";
    const box = field("occurred_on");
    if (box.disabled === off) return;
    box.disabled = off;
    box.closest(".field").hidden = off;
    if (off || !box.value) return;
    seen = "";
    refresh();
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== side) return;
    agent();
    occurs();
  });
  /* The policy says who usually applies; only an empty form takes it over. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== side) return;
    const usual = side.querySelector("[data-usual-kind]")?.dataset.usualKind;
    if (usual && !kindChosen && field("applicant_kind").value !== usual && !field("applicant_name").value.trim()) {
      field("applicant_kind").value = usual;
      kindChanged();
      refresh();
      return;
    }
    // of an answer to what is no longer chosen nobody is taken over: the next answer is on its way
    const auto = side.querySelector("[data-auto]");
    const fits = auto && JSON.parse(auto.dataset.auto).applicant_kind === field("applicant_kind").value;
    if (fits && !field("applicant_name").value.trim()) fill(auto);
  });
  /* In the search box Enter takes the first that was found. */
  document.getElementById("who").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
    const first = document.querySelector("#found [data-fill]");
    event.preventDefault();
    event.stopPropagation();
    if (first) first.click();
    else event.target.dispatchEvent(new Event("search"));
  });
  document.addEventListener("keydown", (event) => {
    const at = event.target.closest?.("#found [data-fill], #who");
    if (!at || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const all = [document.getElementById("who"), ...document.querySelectorAll("#found [data-fill]")];
    all[Math.min(Math.max(all.indexOf(at) + (event.key === "ArrowDown" ? 1 : -1), 0), all.length - 1)].focus();
    event.preventDefault();
  });

  const drop = (key) => fetch(document.body.dataset.drafts.replace("KEY", encodeURIComponent(key)), { method: "DELETE", headers: { "X-CSRFToken": window.lifeops.token() } });
  async function clear() {
    if (!window.confirm("清空本页所填内容？")) return;
    form.dataset.going = "1";
    await drop(form.dataset.draft);
    location.href = location.pathname + location.search;
  }
  /* A draft of another page, offered above the form: gone on with by its link, or deleted. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-drop-draft]");
    if (!button || !window.confirm("删除这份草稿？")) return;
    const answer = await drop(button.dataset.dropDraft);
    if (answer.ok && !window.lifeops.isLogin(answer.url)) button.closest("[data-draft-row]").remove();
  });
  /* After a refusal one stands where something is wrong. */
  const wrong = form.querySelector(".is-invalid") || form.querySelector(".errors")?.parentElement.querySelector("input, select, textarea");
  if (wrong) wrong.focus();
  else form.querySelector(".note.bad")?.scrollIntoView({ block: "center" });
  kindChanged();
  seen = signature();
  occurs();
})();
