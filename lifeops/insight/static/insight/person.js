/* 改派: tick all, and say how many are ticked. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-choose]");
  if (!form) return;
  const all = form.querySelector("[data-all]");
  const boxes = [...form.querySelectorAll("input[name=case]")];
  const count = form.querySelector("[data-count]");
  const say = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    count.textContent = `已选 ${ticked} 件`;
    if (all) all.checked = ticked > 0 && ticked === boxes.length;
  };
  form.addEventListener("change", (event) => {
    if (event.target === all) boxes.forEach((box) => { box.checked = all.checked; });
    say();
  });
  say();
})();
