/** The embedding page of the demo: what a customer of the widget's vendor would write, and buttons to try it. */
import { embed } from "authframe/host";
import { clearLog, log, watchWindow } from "./host-log.js";

const PORT = location.port ? `:${location.port}` : "";
const WIDGET = `http://widget.localhost${PORT}`;
const EVIL = `http://evil.localhost${PORT}`;
const here = location.hostname.split(".")[0];
const ACCOUNTS = { ada: "Ada Lovelace", grace: "Grace Hopper" };
const $ = (id) => document.getElementById(id);

/** @type {{name: string, frame: HTMLIFrameElement | null, widget: import("authframe/host").Widget | null, bridgeId: string, article: HTMLElement, stop: AbortController}[]} */
const cards = [];
let denied = false;
let attacker = null;

// A page of its own may pass options on to the widget, for tests: /?namespace=x&acquire=none; and embed another one: /?widget=/examples/yew-widget/
const passed = new URLSearchParams(location.search);

watchWindow(
  (source) => cards.find((card) => (card.frame ?? card.article.querySelector("iframe"))?.contentWindow === source)?.name ?? null,
  () => cards.forEach(showRejected),
);

// --- widgets -------------------------------------------------------------------------------------------------------------------

async function addWidget() {
  const article = $("card").content.cloneNode(true).firstElementChild;
  const card = { name: `widget ${cards.length + 1}`, frame: null, widget: null, bridgeId: "", article, stop: new AbortController() };
  cards.push(card);
  article.querySelector("h2").textContent = `Widget ${cards.length} · widget.localhost`;
  part(card, "connection").textContent = "connecting";
  $("stage").append(article);
  updateButtons();

  const src = new URL(WIDGET);
  src.pathname = passed.get("widget") ?? "/";
  for (const [key, value] of passed) if (key !== "widget") src.searchParams.set(key, value);
  if (denied) src.searchParams.set("storage", "denied");
  try {
    card.widget = await embed({
      container: article.querySelector(".frame"),
      src: src.href,
      title: `Support chat (${card.name})`,
      onSignInRequest: () => identityOf(chosen()),
      signal: card.stop.signal,
    });
  } catch (error) {
    if (card.stop.signal.aborted) return;
    part(card, "connection").textContent = "not connected";
    part(card, "session").textContent = `${error.code ?? error.name}: ${error.message}`;
    log("refused", card.name, error.code ?? error.name, error.message);
    return;
  }
  card.frame = card.widget.frame;
  card.widget.onConnection((state) => {
    part(card, "connection").textContent = state;
    part(card, "connection").dataset.state = state;
    log("session", card.name, state);
  });
  // The widget names its tab, so that the log can say who wrote a change.
  card.widget.handle("demo:here", (data) => {
    card.bridgeId = String(data?.id ?? "");
    cards.forEach(showSession);
  });
  card.widget.handle("demo:rejected", (data) => {
    card.widgetRejected = data;
    showRejected(card);
  });
  card.widget.subscribe((session) => {
    log(
      "session",
      card.name,
      `${session.status} · ${session.reason}`,
      `${session.account?.name ?? session.account?.subject ?? "nobody"} · epoch ${session.epoch}.${session.sequence} · written by ${writer(session.writer)}`,
    );
    hidden = false;
    showSession(card);
    showWho(session);
  });
}

function removeWidget() {
  const card = cards.pop();
  if (!card) return;
  card.stop.abort();
  card.widget?.close();
  card.article.remove();
  log("session", card.name, "removed");
  updateButtons();
}

/** A new document in the same frame, as when the widget's own code reloads itself. */
function reloadWidget() {
  const frame = cards.at(-1)?.article.querySelector("iframe");
  if (frame) frame.src = frame.src;
}

// --- what is shown ---------------------------------------------------------------------------------------------------------------

// Frozen pages come back as they were left, with yesterday's user on them. So nothing is left on them.
let hidden = false;
addEventListener("pagehide", () => {
  hidden = true;
  showWho(null);
  cards.forEach(showSession);
  clearLog();
});

function showWho(session) {
  const signedIn = !hidden && session?.status === "authorized";
  const name = session?.account?.name ?? session?.account?.subject ?? "somebody";
  $("who").textContent = signedIn ? `Signed in as ${name}` : session?.status === "unauthorized" && !hidden ? "Signed out" : "…";
  $("who").dataset.status = signedIn ? "authorized" : "other";
}

function showSession(card) {
  const session = card.widget?.session;
  if (!session) return;
  part(card, "session").textContent = hidden
    ? ""
    : `${session.status} (${session.reason}) · epoch ${session.epoch}.${session.sequence} · written by ${writer(session.writer)}`;
}

function showRejected(card) {
  if (!card.widget) return;
  const line = (counts) =>
    Object.entries(counts ?? {})
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(", ") || "none";
  part(card, "rejected").textContent = `Refused by this page: ${line(card.widget.rejected)} · by the widget: ${line(card.widgetRejected)}`;
}

function writer(id) {
  if (!id) return "nobody yet";
  const own = cards.find((card) => card.bridgeId === id);
  if (own) return cards.length > 1 ? `this tab (${own.name})` : "this tab";
  return `tab ${id.slice(0, 6)}`;
}

const part = (card, name) => card.article.querySelector(`[data-part="${name}"]`);

function updateButtons() {
  for (const id of ["sign-in", "switch", "sign-out", "remove", "reload"]) $(id).disabled = cards.length === 0;
  $("add").textContent = cards.length === 0 ? "Add a widget" : cards.length === 1 ? "Add a second widget" : "Add another widget";
}

// --- controls --------------------------------------------------------------------------------------------------------------------

const chosen = () => document.querySelector("input[name=account]:checked").value;

/** What this page's own backend would hand out: a user and a token that the widget's server can check. */
const identityOf = (subject) => ({ account: { subject, name: ACCOUNTS[subject] }, accessToken: `demo-host-${subject}` });

const each = (what) => {
  const card = cards.find((card) => card.widget);
  if (!card) return;
  // One widget is enough: the others of this partition hear it from each other.
  Promise.resolve()
    .then(() => what(card.widget))
    .catch((error) => log("refused", "page", error.code ?? error.name, error.message));
};

$("sign-in").addEventListener("click", () => each((widget) => widget.setIdentity(identityOf(chosen()))));
$("sign-out").addEventListener("click", () => each((widget) => widget.signOut()));
$("switch").addEventListener("click", () => {
  const next = chosen() === "ada" ? "grace" : "ada";
  document.querySelector(`input[name=account][value=${next}]`).checked = true;
  each((widget) => widget.setIdentity(identityOf(next)));
});
$("add").addEventListener("click", addWidget);
$("remove").addEventListener("click", removeWidget);
$("reload").addEventListener("click", reloadWidget);
$("clear").addEventListener("click", clearLog);
$("deny").addEventListener("click", () => {
  denied = !denied;
  $("deny").setAttribute("aria-pressed", String(denied));
  $("deny").textContent = denied ? "Allow storage again" : "Deny storage";
  const count = Math.max(cards.length, 1);
  while (cards.length) removeWidget();
  for (let i = 0; i < count; i++) addWidget();
});
$("forge").addEventListener("click", () => {
  attacker?.remove();
  attacker = $("attacker").content.cloneNode(true).firstElementChild;
  const frame = document.createElement("iframe");
  frame.src = `${EVIL}/?attack`;
  frame.title = "Attacker";
  attacker.querySelector(".frame").append(frame);
  attacker.querySelector("button").addEventListener("click", () => attacker.remove());
  $("stage").append(attacker);
});

$("site").textContent = here === "other" ? "Another company’s desk" : "Customer desk";
$("other-site").href = `http://${here === "other" ? "host" : "other"}.localhost${PORT}/`;
document.body.dataset.site = here;
addWidget();
