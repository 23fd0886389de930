// The signer's desk: keys, choosing all, and telling that the paper was on the screen.
const typing = () => /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);

document.addEventListener("keydown", (event) => {
  if (typing() || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "p") {
    event.preventDefault();
    document.getElementById("pin")?.focus();
  }
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
  if (target.matches("details[open] > summary")) target.parentElement.querySelector("textarea")?.focus();
});

const paper = document.getElementById("paper");
if (paper) {
  // A frame no higher than its pages; on a phone as high as all of them, because one page does not scroll in another.
  const narrow = matchMedia("(max-width: 44rem)");
  const fit = () => {
    paper.style.height = "";
    const whole = paper.contentDocument.body.scrollHeight + 2;
    if (narrow.matches || whole < paper.offsetHeight) paper.style.height = `${whole}px`;
  };
  window.addEventListener("resize", fit);
  const tell = () => {
    const body = new FormData();
    body.set("csrf_token", document.querySelector("input[name=csrf_token]").value);
    fetch(paper.dataset.opened, { method: "POST", body, credentials: "same-origin" });
  };
  const shown = () => {
    tell();
    fit();
    // The paper itself says whether it has a place for this signature.
    const link = document.getElementById("to-place");
    if (link) link.hidden = !paper.contentDocument.getElementById("place");
  };
  if (paper.contentDocument?.readyState === "complete" && paper.contentDocument.images.length) shown();
  else paper.addEventListener("load", shown, { once: true });
}

const all = document.getElementById("all");
if (all) {
  const boxes = [...document.querySelectorAll("#batch input[name=document]")];
  const told = document.getElementById("chosen");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    told.textContent = told.dataset.words.replace("{count}", chosen);
    told.closest(".many").classList.toggle("begun", chosen > 0);
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  for (const box of boxes) box.addEventListener("change", count);
  count();
}

// A PIN is asked for only where the chosen way to sign wants one.
const chosenProvider = document.getElementById("provider");
const pinField = document.getElementById("pin")?.closest(".field");
if (chosenProvider && pinField) {
  const adapt = () => {
    pinField.hidden = chosenProvider.selectedOptions[0].dataset.asks !== "pin";
  };
  chosenProvider.addEventListener("change", adapt);
  adapt();
}
