// What is typed is kept in this tab until it is saved: an expired login or a closed page loses nothing.
const PREFIX = "docflow:";
const SECRET = new Set(["csrf_token", "_version", "pin", "password"]);

const account = () => document.body.dataset.account || "";
const place = (form) => `${PREFIX}${account()}:${form.dataset.keep}`;

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.name && !SECRET.has(field.name) && !["file", "submit", "password"].includes(field.type) && field.tagName !== "BUTTON");
}

function snapshot(form) {
  return fieldsOf(form).map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? [field.checked, field.value] : field.value]);
}

function putBack(form, pairs) {
  const kept = new Map();
  for (const [name, value] of pairs) kept.set(Array.isArray(value) ? `${name}=${value[1]}` : name, value);
  let missing = 0;
  for (const field of fieldsOf(form)) {
    const isChoice = field.type === "checkbox" || field.type === "radio";
    const key = isChoice ? `${field.name}=${field.value}` : field.name;
    if (!kept.has(key)) continue;
    if (isChoice) field.checked = kept.get(key)[0];
    else field.value = kept.get(key);
    kept.delete(key);
  }
  for (const name of kept.keys()) if (/-\d+-/.test(name)) missing += 1;
  return missing;
}

function offer(form, kept) {
  const words = document.getElementById("words").dataset;
  const note = document.createElement("div");
  note.className = "note wait";
  note.setAttribute("role", "status");
  const text = document.createElement("p");
  text.textContent = words.restore;
  const restore = button(words.restoreDo, "btn btn-primary btn-sm");
  const forget = button(words.restoreForget, "btn btn-quiet btn-sm");
  const row = document.createElement("div");
  row.className = "buttons";
  row.append(restore, forget);
  note.append(text, row);
  form.before(note);
  restore.addEventListener("click", () => {
    addMissingRows(form, kept);
    putBack(form, kept);
    text.textContent = words.restored;
    row.remove();
    remember(form);
  });
  forget.addEventListener("click", () => {
    sessionStorage.removeItem(place(form));
    note.remove();
  });
}

function button(text, classes) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = classes;
  made.textContent = text;
  return made;
}

function addMissingRows(form, kept) {
  for (const [name] of kept) {
    const found = name.match(/^(.+?)-(\d+)-/);
    if (!found || form.elements[name]) continue;
    const list = form.querySelector(`[data-rows="${CSS.escape(found[1])}"]`);
    if (list) list.dispatchEvent(new CustomEvent("docflow:need-row", { detail: { index: Number(found[2]) } }));
  }
}

function remember(form) {
  try {
    sessionStorage.setItem(place(form), JSON.stringify(snapshot(form)));
  } catch {
    // Storage is full or forbidden: the form still works, only without this net.
  }
}

function forgetSaved() {
  for (const note of document.querySelectorAll("[data-saved]")) {
    sessionStorage.removeItem(`${PREFIX}${account()}:${note.dataset.saved}`);
  }
}

export function keepForms() {
  forgetSaved();
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const stored = sessionStorage.getItem(place(form));
    const kept = stored ? JSON.parse(stored) : null;
    if (kept && !("redrawn" in form.dataset) && JSON.stringify(snapshot(form)) !== stored) offer(form, kept);
    let timer = 0;
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => remember(form), 250);
    });
    form.addEventListener("submit", () => remember(form));
  }
}
