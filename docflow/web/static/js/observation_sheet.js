// The observation sheet by keyboard: a digit sets a level and goes on; sums at once; saved a moment after the last
// change. Without this file the page is an ordinary form with a button.
const PAUSE = 1500; // milliseconds after the last change
const AGAIN = 10000; // after a failure

const form = document.getElementById("sheet");
const lines = [...form.querySelectorAll("[data-line]")];
const words = form.dataset;
const highest = Number(words.highest);
const status = document.getElementById("saving");
const tell = (text, isWrong = false) => {
  status.textContent = text;
  status.classList.toggle("wrong", isWrong);
};

// Levels by key

const levelOf = (line) => line.querySelector("input:checked")?.value ?? "";

// At once, not smoothly: whoever types levels quickly is always ahead of a scroll that takes its time.
function enter(line) {
  const field = line ? line.querySelector("input:checked") || line.querySelector("input") : form.elements.recommendations;
  field.focus({ preventScroll: true });
  (line || field).scrollIntoView({ block: "nearest", behavior: "instant" });
}

function choose(line, value) {
  const radio = [...line.querySelectorAll("input")].find((each) => each.value === value);
  if (!radio || Number(value) > highest) {
    tell(words.wordsOff, true);
    return false;
  }
  radio.checked = true;
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

const MOVES = { ArrowDown: 1, Enter: 1, ArrowUp: -1 };

function onKey(event) {
  const line = event.target.closest("[data-line]");
  if (!line || event.ctrlKey || event.altKey || event.metaKey) return;
  const place = lines.indexOf(line);
  if (/^\d$/.test(event.key)) {
    event.preventDefault();
    if (choose(line, event.key)) enter(lines[place + 1]);
  } else if (event.key in MOVES) {
    event.preventDefault();
    const wanted = place + MOVES[event.key];
    if (wanted >= 0) enter(lines[wanted]);
  } else if (event.key === "Backspace" || event.key === "Delete") {
    event.preventDefault();
    choose(line, "");
    enter(line);
  }
}

// Sums

const others = words.others.split(" ").filter(Boolean).map(Number);
const show = (id, text) => {
  document.getElementById(id).textContent = text;
};
const written = (hundredths) => String(hundredths / 100).replace(".", ",");

function pointsOf(total) {
  const [count, maximum] = [Number(words.lines), Number(words.maximum)];
  const most = count * highest;
  if (most === maximum || words.normalised !== "yes") return { value: Math.min(total, maximum), hundredths: Math.min(total, maximum) * 100 };
  // Half up in whole numbers, as the paper has it.
  return { value: (total * maximum) / most, hundredths: Math.floor((200 * total * maximum + most) / (2 * most)) };
}

function meanOf(points) {
  if (!points.length) return null;
  const exact = points.reduce((sum, each) => sum + each, 0) / points.length;
  return words.rounding === "half_up" ? Math.floor(exact + 0.5) : exact;
}

function count() {
  const levels = lines.map(levelOf);
  const given = levels.filter((level) => level !== "").map(Number);
  const total = given.reduce((sum, each) => sum + each, 0);
  const isWhole = given.length === lines.length && given.every((level) => level <= highest);
  const points = isWhole ? pointsOf(total) : null;
  const mean = meanOf(points ? [...others, points.value] : others);
  show("given", given.length);
  show("total", total);
  show("brief", `${given.length} / ${lines.length} · ${total}`);
  show("points", points ? written(points.hundredths) : "–");
  const sheets = others.length + (points ? 1 : 0);
  show("sheets", sheets);
  show("mean", mean === null ? "–" : written(Math.round(mean * 100)));
  for (const each of form.querySelectorAll("[data-least]")) {
    const isReached = sheets >= Number(words.atLeast) && mean >= Number(each.dataset.least);
    each.classList.toggle("reached", isReached);
    each.querySelector(".badge-x").hidden = !isReached;
  }
  lines.forEach((line, place) => line.toggleAttribute("data-empty", levels[place] === ""));
  document.getElementById("next-empty").hidden = !levels.includes("");
}

function toNextEmpty(event) {
  event.preventDefault();
  const here = lines.indexOf(document.activeElement.closest("[data-line]"));
  const empty = (line) => levelOf(line) === "";
  enter(lines.slice(here + 1).find(empty) || lines.find(empty));
}

// Saving: one request at a time; what changes meanwhile is saved after it.

let isChanged = false;
let isStopped = false;
let timer = 0;
let running = null;

function later(pause) {
  clearTimeout(timer);
  if (!isStopped) timer = setTimeout(save, pause);
}

function forget() {
  sessionStorage.removeItem(`docflow:${document.body.dataset.account || ""}:${form.dataset.keep}`);
}

// Gives how long to wait before the next attempt, if there is something to save.
async function send() {
  isChanged = false;
  tell(words.wordsSaving);
  const answer = await fetch(form.action, {
    method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, credentials: "same-origin", keepalive: true, redirect: "manual",
  }).catch(() => null);
  const isJson = answer?.headers.get("Content-Type")?.startsWith("application/json");
  const told = isJson ? await answer.json() : null;
  if (answer?.ok && told) {
    form.elements._version.value = told.version;
    if (!isChanged) {
      forget();
      tell(words.wordsSaved);
    }
    return PAUSE;
  }
  isChanged = true;
  if (!answer) {
    tell(words.wordsOffline, true);
    return AGAIN;
  }
  // Somebody was faster, or the login has ended: saving again would only fail again.
  isStopped = true;
  tell(told?.message || words.wordsRefused, true);
  return AGAIN;
}

async function save() {
  clearTimeout(timer);
  if (running || !isChanged || isStopped) return;
  running = send();
  const pause = await running;
  running = null;
  if (isChanged) later(pause);
}

function onInput() {
  isChanged = true;
  if (!isStopped) tell(words.wordsUnsaved);
  count();
  later(PAUSE);
}

// The button waits for a request that is under way: both would carry the same version.
function onSubmit(event) {
  clearTimeout(timer);
  isStopped = true;
  if (!running) return;
  event.preventDefault();
  const button = event.submitter;
  running.then(() => {
    running = null;
    form.requestSubmit(button);
  });
}

form.addEventListener("keydown", onKey);
form.addEventListener("input", onInput);
form.addEventListener("submit", onSubmit);
document.getElementById("next-empty").addEventListener("click", toNextEmpty);
// What keep.js puts back comes without an event of its own.
document.addEventListener("click", count);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") save();
});
count();
