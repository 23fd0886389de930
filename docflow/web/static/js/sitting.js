// The session without reloading: every change is sent at once, and what the server counts is shown. Without this
// script the same buttons send the same forms.
const MAIN = "content";
const PAUSE = 250;
const KEYS = { KeyF: "for", KeyA: "against", KeyN: "abstained", KeyR: "recused" };

let busy = false;
let waiting = null; // the newest save that has not been sent yet
let timer = 0;

const words = () => document.getElementById("sitting-words").dataset;

function tell(text) {
  for (const place of document.querySelectorAll("[data-told]")) place.textContent = text;
}

// What has the focus is found again by its id, or by name and value.
function placeOfFocus() {
  const one = document.activeElement;
  return one && one !== document.body ? one.id : "";
}

// A long agenda stays where it was, and shows whose turn it is.
function keepAgenda(top) {
  const list = document.querySelector(".agenda ol");
  const here = list?.querySelector("[aria-current]")?.parentElement;
  if (!here) return;
  list.scrollTop = top;
  const above = here.offsetTop;
  if (above < list.scrollTop || above + here.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = above - list.clientHeight / 3;
}

function swap(page, { focus, scroll }) {
  const fresh = page.getElementById(MAIN);
  const top = document.querySelector(".agenda ol")?.scrollTop || 0;
  document.getElementById(MAIN).replaceChildren(...fresh.childNodes);
  document.title = page.title;
  keepAgenda(top);
  const error = document.getElementById("errors");
  const target = error || document.getElementById(focus);
  if (target) target.focus({ preventScroll: !scroll && !error });
}

function takeVersions(page) {
  const newest = page.querySelector("input[name=version]");
  if (!newest) return;
  for (const field of document.querySelectorAll("input[name=version]")) field.value = newest.value;
}

function sendPlainly(form, button) {
  form.removeAttribute("data-sitting");
  form.requestSubmit(button);
}

async function send(form, button, { quiet = false } = {}) {
  const body = new FormData(form, button);
  busy = true;
  tell(words().saving);
  try {
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("sitting-words")) {
      waiting = null;
      if (answer.redirected) window.location.assign(answer.url); // the login, or the next page
      else sendPlainly(form, button); // the page that asks again says what to do
      return;
    }
    // Somebody has gone on typing: his page stays, and what he typed follows with the next version.
    if (waiting && answer.ok) takeVersions(page);
    else {
      waiting = null;
      const moved = answer.ok && new URL(answer.url).search !== window.location.search;
      if (answer.ok) window.history.replaceState(null, "", answer.url);
      swap(page, { focus: moved && !quiet ? "candidate" : placeOfFocus(), scroll: moved && !quiet });
    }
    tell(answer.ok ? words().saved : "");
  } catch {
    waiting = null;
    tell(words().failed);
  } finally {
    busy = false;
    if (waiting) saveSoon(waiting, 0);
  }
}

function saveSoon(form, pause = PAUSE) {
  clearTimeout(timer);
  waiting = form;
  timer = setTimeout(() => {
    if (busy || !waiting) return; // sent when the running one is answered
    const current = waiting.isConnected ? waiting : document.querySelector("form[data-autosave]");
    waiting = null;
    if (current) send(current, current.querySelector("#save"), { quiet: true });
  }, pause);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-sitting]");
  if (!form) return;
  event.preventDefault();
  if (busy) {
    // The button is pressed again when the running save is answered.
    const again = event.submitter?.id;
    setTimeout(() => (document.getElementById(again) || form.querySelector("button")).click(), PAUSE);
    return;
  }
  clearTimeout(timer);
  waiting = null;
  send(form, event.submitter);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosave]");
  if (form) saveSoon(form);
});

// Keys stand for places on the keyboard: F is the same key in the Kazakh and the Russian layout.
document.addEventListener("keydown", (event) => {
  const ballot = event.target.closest?.("[data-ballot]");
  const vote = KEYS[event.code];
  if (!ballot || !vote || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const chosen = ballot.querySelector(`input[value=${vote}]`);
  chosen.checked = true;
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
  const all = [...document.querySelectorAll("[data-ballot]")];
  const next = all[all.indexOf(ballot) + 1];
  const target = next ? next.querySelector("input:checked") || next.querySelector("input[type=radio]") : document.getElementById("decide");
  target.focus();
});

keepAgenda(0);
