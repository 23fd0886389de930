// Carries requests to NCALayer (or docflow signer) on the signer's own machine, and its answers to the server, which
// reads and judges them. This script understands as little as possible of either.
const root = document.getElementById("ncalayer");
const GREETING = 3000; // milliseconds; every known NCALayer greets at once

function say(text, kind = "") {
  const told = document.getElementById("told");
  told.textContent = text;
  told.className = `note ${kind}`;
  document.getElementById("again").hidden = kind !== "error";
}

// One socket, one question at a time; heartbeats and late greetings are no answers.
class Line {
  constructor(address) {
    this.socket = new WebSocket(address);
    this.program = "";
    this.waiting = null;
    this.socket.addEventListener("message", (event) => this.hear(event.data));
  }

  opened() {
    return new Promise((resolve, reject) => {
      this.socket.addEventListener("open", () => {
        this.greeted = resolve;
        setTimeout(resolve, GREETING);
      });
      this.socket.addEventListener("error", () => reject(new Error("not-running")));
      this.socket.addEventListener("close", () => (this.waiting?.reject ?? reject)(new Error("closed")));
    });
  }

  hear(text) {
    if (text === "--heartbeat--") return;
    const heard = JSON.parse(text);
    if (heard.result?.version && !this.waiting) {
      this.program = heard.program ?? "";
      this.greeted?.();
      return;
    }
    this.waiting?.resolve(heard);
    this.waiting = null;
  }

  ask(request) {
    if (this.socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error("closed"));
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.send(JSON.stringify(request));
    });
  }
}

const failed = (answer) => answer.status !== true && String(answer.code) !== "200";

// An NCALayer that takes no array is asked for one document after the other.
function* singly(step) {
  for (const [place, data] of step.request.args.data.entries()) {
    const args = { ...step.request.args, data };
    yield { ids: [step.ids[place]], titles: [step.titles[place]], request: { ...step.request, args } };
  }
}

async function exchange(line, step, answers) {
  const request = line.program === "docflow signer" ? { ...step.request, titles: step.titles } : step.request;
  const answer = await line.ask(request);
  if (answer.code === "INVOCATION_ERROR" && Array.isArray(step.request.args.data)) {
    for (const one of singly(step)) if (!(await exchange(line, one, answers))) return false;
    return true;
  }
  answers.push({ ids: step.ids, answer });
  return !failed(answer) && Boolean(answer.body?.result ?? answer.responseObject);
}

async function collect(dialogue, answers, waiting) {
  const line = new Line(dialogue.address);
  try {
    await line.opened();
    say(waiting);
    for (const step of dialogue.steps) if (!(await exchange(line, step, answers))) break;
    return "";
  } catch (error) {
    return error.message in dialogue.problems ? error.message : "closed";
  } finally {
    line.socket.close();
  }
}

async function fetched(address, options = {}) {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  return answer.json();
}

// *again* says why the key is asked once more: others have signed the same paper meanwhile.
async function run(again = "") {
  say(again || root.dataset.connecting);
  try {
    const dialogue = await fetched(root.dataset.dialogue);
    if (dialogue.problem) return say(dialogue.problem, "error");
    const answers = [];
    const problem = await collect(dialogue, answers, again || root.dataset.waiting);
    if (!answers.length) return say(dialogue.problems[problem], "error");
    say(root.dataset.sending);
    const result = await fetched(root.dataset.answers, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": root.dataset.token },
      body: JSON.stringify({ answers, then: root.dataset.then }),
    });
    if (result.problem) return say(result.problem, "error");
    if (result.again) return run(result.again);
    window.location.assign(result.go);
  } catch {
    say(root.dataset.offline, "error");
  }
}

// What was cut short once waits until it is asked for: no window springs up again by itself.
document.getElementById("again").addEventListener("click", () => run());
const asked = new URL(window.location);
if (asked.searchParams.has("now")) {
  asked.searchParams.delete("now");
  window.history.replaceState(null, "", asked);
}
if (root.dataset.auto !== "no") run();
else document.getElementById("again").hidden = false;
