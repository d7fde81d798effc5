/**
 * The embedding page of "Tokens that last". It holds no token and does not know the token server: what it shows comes from the session that
 * authframe hands to every host, and from what the widget tells of the server (`demo:…` messages).
 */
import { embed } from "authframe/host";
import { clearLog, log } from "./host-log.js";

const PORT = location.port ? `:${location.port}` : "";
const here = location.hostname.split(".")[0];
const $ = (id) => document.getElementById(id);

/** What the widget told last: who it is, who asks the token server, what that server has seen. */
let facts = { id: "", asking: null, gone: false, settings: null, refreshes: null };
let session = null;
// Of this token, in seconds. 0: it was there before this page.
let life = 0;
/** @type {import("authframe/host").Widget | null} */
let widget = null;
// How many refreshes the server had seen when the next one was made slow; null: none is.
let slowSince = null;
// The browser did not let us close this tab.
let stays = false;
let revoked = false;
// Frozen pages come back as they were left, with yesterday's user on them. So nothing is left on them.
let hidden = false;

// A test may pass a namespace on to the widget: /tokens.html?namespace=x
const passed = new URLSearchParams(location.search);
const src = new URL("/tokens-widget.html", `http://widget.localhost${PORT}`);
for (const [key, value] of passed) src.searchParams.set(key, value);
// Storage is partitioned by host, and so is the sign-in: each host has its own at the token server.
src.searchParams.set("client", passed.get("namespace") ?? `tokens-${here}`);

$("site").textContent = here === "other" ? "Another company’s desk" : "Customer desk";
$("another-tab").href = location.pathname + location.search;
document.body.dataset.site = here;

function run() {
  widget.onConnection((state) => {
    $("connection").textContent = state;
    $("connection").dataset.state = state;
    log("session", "widget", state);
    showControls();
  });
  widget.handle("demo:facts", (data) => {
    const before = facts;
    facts = data;
    if (facts.asking !== before.asking && facts.asking === facts.id)
      log("out", "this tab → token server", "refresh", "acquire was asked to renew");
    if (slowSince !== null && (facts.refreshes?.ever ?? 0) > slowSince) slowSince = null;
    show();
  });
  widget.handle("demo:request", ({ kind, outcome, seconds }) => {
    if (outcome === null) return log("in", "token server", kind, "a request came in");
    log(
      outcome === 200 ? "in" : "refused",
      "token server",
      kind,
      `${OUTCOMES[outcome] ?? `answered (${outcome})`} ${seconds < 0.1 ? "at once" : `after ${seconds.toFixed(1)} s`}`,
    );
  });
  widget.handle("demo:outcome", ({ code }) => log(code === "signed in" ? "in" : "refused", "sign-in window", code));
  let logged = "";
  widget.subscribe((next) => {
    // What we have seen come was new then. Of the first one we do not know how old it is.
    if (next.expiresAt !== session?.expiresAt) life = session && next.expiresAt ? (next.expiresAt - Date.now()) / 1000 : 0;
    session = next;
    hidden = false;
    const name = session.account?.name ?? session.account?.subject ?? "nobody";
    const line = [
      `${session.status} · ${session.reason}`,
      `${name} · epoch ${session.epoch}.${session.sequence} · written by ${tab(session.writer)}`,
    ];
    // The time of expiry may become more exact; that is no news.
    if (logged !== String(line)) log("session", "widget", ...line);
    logged = String(line);
    show();
  });
  setInterval(showTime, 250);
}

const OUTCOMES = { 400: "refused (400)", gone: "the tab that asked has gone,", dropped: "the connection was cut" };

// --- what is shown ---------------------------------------------------------------------------------------------------------------

addEventListener("pagehide", () => {
  hidden = true;
  show();
  clearLog();
});

const WHO = { unauthorized: "Signed out", authorizing: "Signing in…" };

function show() {
  const signedIn = !hidden && session?.status === "authorized";
  if (!signedIn) revoked = false;
  const name = session?.account?.name ?? session?.account?.subject ?? "somebody";
  $("who").textContent = signedIn ? `Signed in as ${name}` : (!hidden && WHO[session?.status]) || "…";
  $("who").dataset.status = signedIn ? "authorized" : "other";
  $("session").textContent =
    hidden || !session
      ? ""
      : `${session.status} (${session.reason}) · epoch ${session.epoch}.${session.sequence} · written by ${tab(session.writer)}`;
  $("tab").textContent = `tab ${facts.id.slice(0, 6)}`;

  const asking = !signedIn || !facts.asking || facts.gone ? "nobody" : facts.asking === facts.id ? "this" : "another";
  $("renewing").dataset.asking = asking;
  if (asking !== "nobody") $("renewing").textContent = `${upper(tab(facts.asking))} is asking the server…`;
  else $("renewing").textContent = signedIn && facts.gone ? `Nobody: ${tab(facts.asking)} went away while it asked` : "Nobody";
  $("last").textContent = !signedIn ? "–" : session.sequence === 0 ? "Nobody yet" : upper(tab(session.writer));
  $("renewals").textContent = signedIn ? times(session.sequence) : "–";
  const { seen = 0, answered = 0, pending = 0 } = facts.refreshes ?? {};
  const lost = seen - answered - pending;
  $("requests").textContent = signedIn && facts.refreshes ? `${seen}${lost ? ` (${lost} without success)` : ""}` : "–";
  showTime();
  showControls();
}

const NO_TOKEN = { unauthorized: "No token: nobody is signed in.", authorizing: "No token yet." };

function showTime() {
  const until = !hidden && session?.status === "authorized" ? session.expiresAt : null;
  const left = until === null ? 0 : Math.max(0, (until - Date.now()) / 1000);
  const whole = life || (facts.settings?.accessSeconds ?? 40);
  const early = Math.min(60, whole / 4);
  $("left").hidden = until === null;
  $("left").textContent = clock(left);
  $("bar").max = Math.max(whole, left, 1);
  $("bar").value = left;
  $("token").dataset.left = left > early ? "enough" : "little";
  $("left-note").textContent =
    until === null
      ? (!hidden && NO_TOKEN[session?.status]) || ""
      : left > 0
        ? `left. One tab renews it between ${clock(early)} and ${clock(early / 2)}.`
        : "It has expired; it is renewed as soon as the server answers.";
}

function showControls() {
  const connected = widget?.connection === "connected";
  const asks = connected && facts.asking !== null && facts.asking === facts.id;
  for (const input of document.querySelectorAll("input[type=radio]")) {
    input.disabled = !connected;
    if (facts.settings) input.checked = input.value === String(input.name === "life" ? facts.settings.accessSeconds : facts.settings.reuse);
  }
  $("slow").disabled = !connected;
  $("slow").setAttribute("aria-pressed", String(slowSince !== null));
  $("revoke").disabled = !connected || session?.status !== "authorized";
  $("close").disabled = !asks;
  say(
    "revoke-note",
    revoked
      ? "Revoked. The next refresh is refused: wait for it, or press “Renew now” in the widget."
      : "Nothing happens at once. The next refresh is refused, and then everybody is signed out. “Sign out everywhere” is in the widget.",
  );
  say("close-note", closeNote(asks));
}

function closeNote(asks) {
  if (session?.status !== "authorized") return "Sign in first, and open a second tab: it is the one that takes over.";
  if (asks && stays) return "This browser does not let a page close this tab. Close it yourself, now.";
  if (asks) {
    const end =
      facts.settings?.reuse === "grace"
        ? "and nobody is signed out"
        : "and this strict server ends the sign-in, because the token comes twice";
    return `This tab is waiting for the answer. Press “Renew now” in another tab too, then close this one: the other takes over, ${end}.`;
  }
  if (slowSince !== null)
    return "Armed. Press “Renew now” in the widget, or wait for the next refresh; only the tab that asks can be closed here.";
  return "Keep another tab open. Make the refresh slow, press “Renew now” in the widget, here and there, then close this tab while it waits, and watch the other take over.";
}

/** A live region: said when it changes, not every second. */
function say(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

/** A tab as people can tell it from another. */
function tab(id) {
  if (!id) return "nobody";
  return id === facts.id ? "this tab" : `tab ${id.slice(0, 6)}`;
}

const upper = (text) => text[0].toUpperCase() + text.slice(1);
const times = (count) => (count === 0 ? "Not yet" : count === 1 ? "Once" : `${count} times`);
const clock = (seconds) => `${Math.floor(Math.ceil(seconds) / 60)}:${String(Math.ceil(seconds) % 60).padStart(2, "0")}`;

function problem(error) {
  $("problem").textContent = `${error.code ?? error.name}: ${error.message}`;
  $("problem").hidden = false;
  log("refused", "page", error.code ?? error.name, error.message);
}

// --- controls --------------------------------------------------------------------------------------------------------------------

/** The widget scripts its own token server for us: this page's policy lets it talk to nobody. */
async function control(wish) {
  $("problem").hidden = true;
  try {
    await widget.request("demo:control", wish);
    return true;
  } catch (error) {
    problem(error);
    return false;
  }
}

for (const input of document.querySelectorAll("input[type=radio]"))
  input.addEventListener("change", () => control({ [input.name]: input.value }));
$("slow").addEventListener("click", async () => {
  // Pressed twice it would make two refreshes slow.
  if (slowSince !== null) return;
  slowSince = facts.refreshes?.ever ?? 0;
  showControls();
  if (await control({ slow: 8000 })) log("out", "page", "slow", "the next refresh is carried out at once and answered 8 s later");
  else slowSince = null;
  showControls();
});
$("revoke").addEventListener("click", async () => {
  if (await control({ revoke: true })) {
    log("out", "page", "revoke", "the server takes the sign-in back; nobody here knows yet");
    revoked = true;
    showControls();
  }
});
$("reload").addEventListener("click", () => location.reload());
$("close").addEventListener("click", () => {
  close();
  // A browser closes a page for a script only if a script or a link opened it.
  setTimeout(() => {
    stays = true;
    showControls();
  }, 500);
});
$("clear").addEventListener("click", clearLog);

// --- connect ----------------------------------------------------------------------------------------------------------------------------

show();
widget = await embed({ container: $("frame"), src: src.href, title: "Support chat" }).catch((error) => {
  $("connection").textContent = "not connected";
  problem(error);
  return null;
});
if (widget) run();
