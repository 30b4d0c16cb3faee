/* The scroll bars of the menu name themselves in English to screen readers. */
window.addEventListener("load", () => {
  for (const part of document.querySelectorAll(".simplebar-content-wrapper[aria-label]")) part.setAttribute("aria-label", "可滚动的内容");
});
/* What is searched for stands in the box as a hint; it is its name too. */
window.addEventListener("load", () => {
  const box = document.getElementById("searchbar");
  if (box && box.placeholder) box.setAttribute("aria-label", box.placeholder);
});
/* As on all other pages: / goes to the search of cases, policies and customers. */
window.addEventListener("keydown", (event) => {
  const find = document.getElementById("find");
  if (event.key !== "/" || !find || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  find.focus();
}, true);
