// Every page: what a form needs beyond the browser. All of it is comfort; the pages work without.
import { keepForms } from "./keep.js";
import { growRows } from "./rows.js";
import { dropFiles } from "./drop.js";
import { watchRun } from "./run.js";
import { countWords } from "./words.js";

keepForms();
growRows();
dropFiles();
watchRun();
countWords();

const errors = document.getElementById("errors");
if (errors) errors.focus();

// Escape closes what is open; a click elsewhere closes the menu.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.activeElement.closest("details.menu[open], details.clause[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
