/* Days are typed, eight digits are enough, and shown as 2026-11-25 in every browser. ↑ ↓ one day on or back, T today,
   the sign at the end of the field opens the browser's calendar. data-date="time": a time of day follows. */
(() => {
  "use strict";
  const two = (number) => String(number).padStart(2, "0");
  const text = (day) => `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  const field = (event) => (event.target.matches?.("input[data-date]") && !event.target.readOnly && !event.target.disabled ? event.target : null);

  /* ２０２６ as 2026: what an input method writes in its wide mode. */
  const narrow = (value) => value.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replace(/\u3000/g, " ");
  function tidy(typed) {
    const value = narrow(typed);
    const [whole, rest] = value.trim().split(/[\sT]+/, 2);
    const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(whole) || /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(whole);
    if (!parts) return value.trim();
    const clock = /^(\d{1,2})[:：]?(\d{2})$/.exec(rest || "");
    return `${parts[1]}-${two(Number(parts[2]))}-${two(Number(parts[3]))}${clock ? ` ${two(Number(clock[1]))}:${clock[2]}` : ""}`;
  }
  function put(input, value) {
    if (input.value === value) return;
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // capturing: before a form reads its values
  document.addEventListener("change", (event) => {
    const input = field(event);
    if (input) put(input, tidy(input.value));
  }, true);
  document.addEventListener("submit", (event) => {
    for (const input of event.target.querySelectorAll("input[data-date]")) input.value = tidy(input.value);
  }, true);

  document.addEventListener("keydown", (event) => {
    const input = field(event);
    if (!input || event.ctrlKey || event.metaKey || event.altKey) return;
    const time = input.dataset.date === "time" ? ` ${input.value.split(" ")[1] || "09:00"}` : "";
    if (event.key.toLowerCase() === "t") {
      put(input, text(new Date()) + time);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(tidy(input.value));
      const day = parts ? new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])) : new Date();
      if (parts) day.setDate(day.getDate() + (event.key === "ArrowUp" ? 1 : -1));
      put(input, text(day) + time);
    } else return;
    event.preventDefault();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  /* The calendar: a date field of the browser, laid invisibly over ours while it is open. */
  const SIGN = 26;
  let picker = null;
  const over = (input, event) => event.clientX > input.getBoundingClientRect().right - SIGN;
  document.addEventListener("mousemove", (event) => {
    const input = field(event);
    if (input) input.classList.toggle("over-sign", over(input, event));
  });
  document.addEventListener("click", (event) => {
    const input = field(event);
    if (!input || !over(input, event) || !HTMLInputElement.prototype.showPicker) return;
    if (picker) picker.remove();
    picker = document.createElement("input");
    picker.type = "date";
    picker.tabIndex = -1;
    picker.className = "date-picker";
    picker.setAttribute("aria-hidden", "true");
    picker.value = tidy(input.value).slice(0, 10);
    const box = input.getBoundingClientRect();
    // within the dialog, where there is one: what lies behind it takes no clicks
    (input.closest("dialog") || document.body).append(picker);
    Object.assign(picker.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` });
    picker.addEventListener("change", () => {
      const time = input.dataset.date === "time" ? ` ${input.value.split(" ")[1] || "09:00"}` : "";
      put(input, picker.value ? picker.value + time : "");
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
    picker.showPicker();
  });
})();
