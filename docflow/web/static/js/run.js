// Progress of an issuing run: asked once a second while it lasts, then the page shows the results.
const PAUSE = 1000;

async function ask(run) {
  const answer = await fetch(run.dataset.run, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) return null;
  return answer.json();
}

async function turn(run) {
  const now = await ask(run).catch(() => null);
  if (now) {
    run.querySelector("progress").value = now.done;
    run.querySelector("[data-count]").textContent = `${now.done} / ${now.total}`;
    if (now.state === "done" || now.state === "failed") {
      window.location.reload();
      return;
    }
  }
  setTimeout(() => turn(run), PAUSE);
}

export function watchRun() {
  const run = document.querySelector("[data-run]");
  if (run) setTimeout(() => turn(run), PAUSE);
}
