// A score sheet by keyboard: digits choose columns, sums follow at once, and what is typed is kept meanwhile.
// The page works without: every field is a field, and the service counts the same.
const form = document.getElementById("score-sheet");
const lines = () => [...form.querySelectorAll("tr.line")];
const part = (line, name) => line.querySelector(`[name$="-${name}"]`);
const levelOf = (line) => line.querySelector('[name$="-level"]:checked');
const whole = (field) => Math.max(0, Math.trunc(Number(field.value)) || 0);

// Counting: the same as docflow/core/scoring.py.

function most(line) {
  const chosen = levelOf(line);
  if (!chosen || chosen.value === "") return 0;
  const level = JSON.parse(line.dataset.levels)[Number(chosen.value)];
  const pieces = part(line, "pieces");
  let points = level.points ?? 0;
  if (part(line, "joint")?.checked && level.joint !== null) points = level.joint;
  else if (level.each !== null && pieces?.value) points = Math.min(points, level.each * whole(pieces));
  return points + (part(line, "won")?.checked ? level.bonus : 0);
}

function columnOfMean(line) {
  const points = whole(part(line, "points"));
  const levels = JSON.parse(line.dataset.levels);
  for (const field of line.querySelectorAll('[name$="-level"]')) field.checked = false;
  const reached = levels.reduce((best, level, place) => (points && points >= level.points ? place : best), -1);
  if (reached >= 0) line.querySelector(`[name$="-level"][value="${reached}"]`).checked = true;
}

function recount(line) {
  if ("mean" in line.dataset) columnOfMean(line);
  else part(line, "points").value = most(line);
  add();
}

function add() {
  const sums = {};
  let total = 0;
  for (const line of lines()) {
    line.classList.toggle("is-filled", Boolean(levelOf(line)?.value || whole(part(line, "points"))));
    if (!("counts" in line.dataset)) continue;
    const points = whole(part(line, "points"));
    sums[line.dataset.section] = (sums[line.dataset.section] || 0) + points;
    total += points;
  }
  for (const output of form.querySelectorAll("[data-sum]")) output.value = sums[output.dataset.sum] || 0;
  form.querySelector("[data-total]").value = total;
  for (const item of form.querySelectorAll("[data-needed]")) {
    const reached = total >= Number(item.dataset.needed);
    item.classList.toggle("is-reached", reached);
    item.querySelector(".sign").textContent = reached ? "✓" : "·";
  }
}

// Keys

const isText = (element) => element.matches("textarea, input[type=text], input[type=number], input[type=date], input[type=file], select");

function enter(line) {
  if (!line) return;
  const field = levelOf(line) && !levelOf(line).disabled ? levelOf(line) : line.querySelector('[name$="-level"]:not([disabled])') || part(line, "points");
  field.focus();
  if (field.type === "number") field.select(); // what is typed replaces the number
  line.scrollIntoView({ block: "nearest" });
}

function choose(line, digit) {
  if ("mean" in line.dataset) {
    const points = part(line, "points");
    points.value = digit;
    points.focus();
    return recount(line);
  }
  const wanted = digit === 0 ? "" : String(digit - 1);
  const field = line.querySelector(`[name$="-level"][value="${wanted}"]`);
  if (!field) return undefined;
  field.checked = true;
  field.focus();
  return changed(line);
}

function changed(line) {
  recount(line);
  keepSoon();
}

function toggle(line, name) {
  const field = part(line, name);
  if (!field) return;
  field.checked = !field.checked;
  changed(line);
}

const KEYS = {
  w: (line) => toggle(line, "won"),
  j: (line) => toggle(line, "joint"),
  a: (line) => part(line, "authors")?.select(),
  n: (line) => part(line, "pieces")?.select(),
  p: (line) => part(line, "points").select(),
  e: (line) => part(line, "evidence").focus(),
};

function step(line, by) {
  const all = lines();
  enter(all[all.indexOf(line) + by]);
}

form.addEventListener("keydown", (event) => {
  const line = event.target.closest("tr.line");
  if (!line || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isText(event.target)) return inText(event, line);
  const act = event.key === "ArrowDown" ? () => step(line, 1)
    : event.key === "ArrowUp" ? () => step(line, -1)
    : /^[0-9]$/.test(event.key) ? () => choose(line, Number(event.key))
    : KEYS[event.key.toLowerCase()] && !event.target.matches("button, summary, a") ? () => KEYS[event.key.toLowerCase()](line)
    : null;
  if (!act) return;
  event.preventDefault();
  act();
});

function inText(event, line) {
  if (event.key === "Escape") enter(line);
  else if (event.key === "Enter" && event.target.matches("input")) step(line, 1);
  else if (event.target.matches(".points, .pieces, .authors") && event.key === "ArrowDown") step(line, 1);
  else if (event.target.matches(".points, .pieces, .authors") && event.key === "ArrowUp") step(line, -1);
  else return;
  event.preventDefault();
}

// Keeping

let timer = 0;
let isKeeping = false;
let isChanged = false;
let hasConflict = false;
const told = form.querySelector("[data-state]");

function keepSoon(pause = 900) {
  clearTimeout(timer);
  isChanged = true;
  told.value = "";
  if (!hasConflict) timer = setTimeout(keep, pause);
}

async function keep() {
  if (isKeeping) return keepSoon();
  isKeeping = true;
  isChanged = false;
  told.value = form.dataset.keeping;
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" }).catch(() => null);
  isKeeping = false;
  const said = answer && answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
  if (answer?.ok && said) return kept(said);
  if (answer?.status === 409 && said) return conflict(said.message);
  keepSoon(5000);
  told.value = form.dataset.lost;
  return undefined;
}

function kept(said) {
  form.elements._version.value = said.version;
  if (!isChanged) told.value = form.dataset.kept; // what was typed meanwhile is kept next
  form.querySelector("[data-outcome]").textContent = said.outcome;
  document.getElementById("outcome-note").hidden = !said.outcome;
}

function conflict(message) {
  hasConflict = true;
  told.value = "";
  const note = document.createElement("div");
  note.className = "note bad";
  note.setAttribute("role", "alert");
  note.textContent = message;
  form.before(note);
  note.scrollIntoView({ block: "center" });
}

form.addEventListener("change", (event) => {
  const line = event.target.closest("tr.line");
  if (event.target.name === "sheet_group") return form.requestSubmit();
  if (line && /-(level|won|joint|pieces)$/.test(event.target.name)) recount(line);
  return keepSoon();
});
form.addEventListener("input", (event) => {
  const line = event.target.closest("tr.line");
  if (line && event.target.matches(".points")) {
    if ("mean" in line.dataset) columnOfMean(line);
    add();
  }
  if (line && event.target.matches(".pieces")) recount(line);
  keepSoon(1500);
});
form.addEventListener("submit", () => {
  clearTimeout(timer);
  hasConflict = true; // nothing more is kept by itself while the page is leaving
});

// The service need not guess which points were left standing: this script has set them all.
const counted = document.createElement("input");
Object.assign(counted, { type: "hidden", name: "_counted", value: "y" });
form.append(counted);
add();
if (form.dataset.line) enter(lines().filter((line) => line.dataset.number === form.dataset.line).pop());
