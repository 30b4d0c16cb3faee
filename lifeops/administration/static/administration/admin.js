/* The scroll bars of the menu name themselves in English to screen readers. */
window.addEventListener("load", () => {
  for (const part of document.querySelectorAll(".simplebar-content-wrapper[aria-label]")) part.setAttribute("aria-label", "可滚动的内容");
});
