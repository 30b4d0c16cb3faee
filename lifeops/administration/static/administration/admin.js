/* The scroll bars of the menu name themselves in English to screen readers. */
window.addEventListener("load", () => {
  for (const part of document.querySelectorAll(".simplebar-content-wrapper[aria-label]")) part.setAttribute("aria-label", "可滚动的内容");
});
/* What is searched for stands in the box as a hint; it is its name too. */
window.addEventListener("load", () => {
  const box = document.getElementById("searchbar");
  if (box && box.placeholder) box.setAttribute("aria-label", box.placeholder);
});
