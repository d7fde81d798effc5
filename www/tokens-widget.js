/**
 * The widget of "Tokens that last": a sign-in in a window, tokens sealed in this browser, renewed by one tab for all.
 *
 * Options in the address:
 *   ?client=…      the `client_id` at the sign-in server        ?namespace=…   storage key prefix, for tests
 */
import { AuthRejected, connect } from "authframe";

const options = new URLSearchParams(location.search);
const PORT = location.port ? `:${location.port}` : "";
const HOSTS = [`http://host.localhost${PORT}`, `http://other.localhost${PORT}`];
const LOGIN = `http://login.localhost${PORT}`;
const client = options.get("client") ?? "tokens";
const LIFE = 40;
// Longer than a token lives: the tab that takes over may begin only when the token is about to end.
const GRACE = { reuse: "grace", graceMs: 180_000 };
/** Null until it stands; `acquire` may be asked before. */
let bridge = null;
const $ = (id) => document.getElementById(id);

// --- this vendor's sign-in server ------------------------------------------------------------------------------------------------

/** `400` and `401` are final; what else goes wrong is tried again by authframe. */
async function tokens(form, signal) {
  const reply = await fetch(`${LOGIN}/token`, { method: "POST", body: new URLSearchParams({ client_id: client, ...form }), signal });
  if (reply.status === 400 || reply.status === 401) throw new AuthRejected((await reply.json()).error);
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = await reply.json();
  return { accessToken, refreshToken, expiresIn };
}

/** Only to renew: who is signed in stands in the credential store, in every tab and after a reload. */
async function acquire({ reason, credential, signal }) {
  if (reason !== "refresh") return null;
  asks(true);
  try {
    return {
      account: credential.account,
      ...(await tokens({ grant_type: "refresh_token", refresh_token: credential.refreshToken }, signal)),
    };
  } finally {
    asks(false);
  }
}

async function exchange({ code, codeVerifier, redirectUri, signal }) {
  $("progress").textContent = "Signed in there. Fetching the tokens…";
  const granted = await tokens({ grant_type: "authorization_code", code, code_verifier: codeVerifier, redirect_uri: redirectUri }, signal);
  const reply = await fetch(`${LOGIN}/userinfo?${new URLSearchParams({ client_id: client })}`, {
    headers: { authorization: `Bearer ${granted.accessToken}` },
    signal,
  });
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
  const { sub, name } = await reply.json();
  void look();
  return { account: { subject: sub, name }, ...granted };
}

/** The window is out of sight. The page that the sign-in ends on leaves the code at our own server (callback.js). */
async function poll(request) {
  $("progress").textContent =
    "The window is out of sight: closed, or cut off by its page. Finish there; we ask our own server for the result. If you closed it, press Cancel.";
  const reply = await fetch(`/api/relay?${new URLSearchParams({ state: request.state })}`, { signal: request.signal });
  if (reply.status !== 200) return null;
  const { code, error } = await reply.json();
  if (error === "access_denied") cancelling.abort();
  if (error) throw new AuthRejected(error);
  return exchange({ ...request, code });
}

// --- the sign-in window ------------------------------------------------------------------------------------------------------------

let cancelling = new AbortController();
// How the last one failed, in words; it says more than the session's reason.
let outcome = "";

/** What became of it, and what to do. */
const OUTCOMES = {
  SIGN_IN_BLOCKED: "Your browser blocked the sign-in window. Allow popups for this page, then press the button again.",
  SIGN_IN_CANCELLED: "You cancelled the sign-in. Nothing has changed; press the button when you want to try again.",
  SIGN_IN_UNCONFIRMED: "The sign-in window was closed before the sign-in was finished. Press the button to try again.",
  SIGN_IN_TIMEOUT: "That took longer than five minutes, so we stopped waiting. Press the button to try again.",
  SIGN_IN_REFUSED: "The sign-in server said no. Try again, perhaps with another account.",
  SIGN_IN_FAILED: "You signed in, but the sign-in server then did not hand out the tokens. Try again in a moment.",
  SIGN_IN_PENDING: "The sign-in window is open already. It was brought to the front: finish there.",
  INVALID_STATE: "Somebody is signed in already, perhaps in another tab. There is nothing to do.",
};

function signIn() {
  const coop = $("coop").checked;
  say("");
  outcome = "";
  cancelling = new AbortController();
  $("progress").textContent = "Waiting for the sign-in window…";
  $("front").hidden = coop;
  const waiting = bridge.signIn({
    oauth: {
      authorizationEndpoint: `${LOGIN}${coop ? "/coop/same-origin" : ""}/authorize`,
      clientId: client,
      redirectUri: `${location.origin}/callback.html`,
      issuer: LOGIN,
    },
    exchange,
    // Without COOP a closed window is the end of it, and known at once. With a poll one would have to wait for something.
    ...(coop ? { poll } : {}),
    signal: cancelling.signal,
  });
  waiting.then(
    () => tell("demo:outcome", { code: "signed in" }),
    (error) => {
      outcome = OUTCOMES[error.code] ?? `${error.code ?? error.name}: ${error.message}`;
      say(outcome);
      show(bridge.session);
      tell("demo:outcome", { code: error.code ?? error.name });
    },
  );
}

const COOP_NOTE = [
  "Checked: such a page (Cross-Origin-Opener-Policy: same-origin) loses its tie to this widget. It cannot hand over its result, and from here it looks closed. We then ask our own server, where the last page leaves it.",
  "Unchecked: the window hands its result over by itself, and closing it is noticed.",
];

// --- who asks the token server ------------------------------------------------------------------------------------------------------

// Another tab sees this note (not a secret) and can say who is at it. What the server saw is the truth; see `refreshes`.
const NOTE = "asking";
let note = null;

function asks(mine) {
  if (!bridge) return;
  const own = { id: bridge.id, at: Date.now() };
  const kept = async () => {
    if (mine) await bridge.storage.set(NOTE, own);
    else if ((await bridge.storage.get(NOTE))?.id === bridge.id) await bridge.storage.delete(NOTE);
  };
  note = mine ? own : null;
  report();
  kept().catch(() => {});
  void look();
}

// --- what the token server has seen ----------------------------------------------------------------------------------------------------

let server = null;
let told = "";
const logged = [];
let next;

async function control(wish) {
  const reply = await (wish
    ? fetch(`${LOGIN}/control`, { method: "POST", body: JSON.stringify({ client, ...wish }) })
    : fetch(`${LOGIN}/control?${new URLSearchParams({ client })}`));
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
  return reply.json();
}

/** Once a second while somebody looks. */
async function look() {
  clearTimeout(next);
  next = setTimeout(look, 1000);
  if (document.visibilityState === "hidden") return;
  try {
    see(await control());
  } catch {
    // It is asked again.
  }
}

function see(state) {
  // Answers may overtake each other.
  if (server && state.requests.length < server.requests.length) return;
  server = state;
  state.requests.forEach(({ kind, at, doneAt, outcome }, index) => {
    const mark = String(outcome);
    if (logged[index] === mark || kind === "authorize") return;
    logged[index] = mark;
    if (tracking) tell("demo:request", { kind, outcome, seconds: ((doneAt ?? at) - at) / 1000 });
  });
  // What was there before this page is not news.
  tracking = true;
  report();
}
let tracking = false;

/** How often this sign-in was renewed, as the server saw it. */
function refreshes() {
  const requests = server?.requests ?? [];
  const start = requests.findLastIndex(({ kind, outcome }) => kind === "code" && outcome === 200);
  const count = (list, test = () => true) => list.filter((request) => request.kind === "refresh" && test(request)).length;
  const ours = requests.slice(start + 1);
  return {
    seen: count(ours),
    answered: count(ours, ({ outcome }) => outcome === 200),
    pending: count(ours, ({ outcome }) => outcome === null),
    ever: count(requests),
  };
}

/** Tells the host page, if there is something new. */
function report() {
  const last = server?.requests.findLast(({ kind }) => kind === "refresh");
  const gone = note !== null && note.id !== bridge.id && last?.outcome === "gone" && last.doneAt > note.at;
  const facts = { id: bridge.id, asking: note?.id ?? null, gone, settings: server?.settings ?? null, refreshes: server && refreshes() };
  const text = JSON.stringify(facts);
  if (text !== told && tell("demo:facts", facts)) told = text;
}

function tell(name, data) {
  if (bridge.connection !== "connected") return false;
  bridge.send(name, data);
  return true;
}

/** What the host page may script at the server, and nothing else. */
const WISHES = {
  life: (value) => ({ set: { accessSeconds: Number(value) } }),
  reuse: (value) => ({ set: value === "grace" ? GRACE : { reuse: "strict", graceMs: 0 } }),
  // Carried out at once, answered late: whoever hangs up does not know that the token is spent.
  slow: (value) => ({ fail: [{ kind: "refresh", holdMs: Number(value) }] }),
  revoke: () => ({ revoke: true }),
};

// --- once it stands ----------------------------------------------------------------------------------------------------------------------------

async function run() {
  window.bridge = bridge; // For the tests and for your console.
  bridge.handle("demo:control", async (wish) => {
    for (const [name, value] of Object.entries(wish)) if (Object.hasOwn(WISHES, name)) see(await control(WISHES[name](value)));
  });
  bridge.storage.subscribe(NOTE, (value) => {
    note = value ?? null;
    report();
  });
  bridge.onConnection((state) => {
    told = "";
    if (state === "connected") report();
  });
  bridge.subscribe(show);
  document.addEventListener("visibilitychange", look);

  $("coop").addEventListener("change", showCoop);
  $("sign-in").addEventListener("click", signIn);
  $("cancel").addEventListener("click", () => cancelling.abort());
  // A second signIn() opens nothing and brings the first window to the front.
  $("front").addEventListener("click", () => {
    bridge.signIn({ url: LOGIN }).catch((error) => ($("progress").textContent = OUTCOMES[error.code] ?? error.message));
  });
  $("renew").addEventListener("click", renew);
  $("leave").addEventListener("click", leave);
  $("draft").addEventListener("input", keepDraft);
  showCoop();

  // Nobody has used this client yet: short-lived tokens, so that there is something to see, and a server that forgives.
  const first = await control().catch(() => null);
  if (first && first.requests.length === 0 && first.settings.accessSeconds === 3600)
    await control({ set: { accessSeconds: LIFE, ...GRACE } }).catch(() => {});
  await look();
}

async function renew() {
  $("renewed").textContent = "Renewing…";
  const before = bridge.session.sequence;
  try {
    await bridge.accessToken({ minValidity: 1e9 });
    $("renewed").textContent =
      bridge.session.sequence > before
        ? "Renewed: every tab has the new token."
        : "The server did not answer well. The token we have is still good; it is tried again soon.";
  } catch (error) {
    $("renewed").textContent = "";
    if (error.code !== "NOT_AUTHORIZED")
      say(`The token could not be renewed (${error.code}). Nobody is signed out; it is tried again soon.`);
  }
}

async function leave() {
  // Signing out must not wait for a refresh that is under way.
  const late = new Promise((resolve) => setTimeout(resolve, 300, null));
  const token = await Promise.race([bridge.accessToken({ minValidity: 0 }).catch(() => null), late]);
  await bridge.signOut();
  if (token) await fetch(`${LOGIN}/revoke`, { method: "POST", body: new URLSearchParams({ client_id: client, token }) }).catch(() => {});
}

// --- the draft ------------------------------------------------------------------------------------------------------------------------

const SAVED = "Kept as you type, in this browser, unencrypted. Your other tabs see it at once.";
let draftOf = null;
let stopDraft = () => {};
let writing = 0;

/** A sign-out deletes no draft, so each account has its own. */
async function openDraft(subject) {
  if (subject === draftOf) return;
  draftOf = subject;
  stopDraft();
  $("draft").value = "";
  $("draft-note").textContent = SAVED;
  if (subject === null) return;
  const read = (value) => {
    // What this tab is still writing is newer.
    if (subject !== draftOf || writing > 0 || $("draft").value === (value ?? "")) return false;
    $("draft").value = value ?? "";
    return true;
  };
  stopDraft = bridge.storage.subscribe(`draft.${subject}`, (value) => {
    if (read(value)) $("draft-note").textContent = "Just changed in another tab.";
  });
  read(await bridge.storage.get(`draft.${subject}`).catch(() => undefined));
}

async function keepDraft() {
  writing++;
  $("draft-note").textContent = SAVED;
  try {
    await bridge.storage.set(`draft.${draftOf}`, $("draft").value);
  } catch (error) {
    $("draft-note").textContent = `The draft could not be kept (${error.code ?? error.name}).`;
  } finally {
    writing--;
  }
}

// --- what is shown ------------------------------------------------------------------------------------------------------------------------

const CONVERSATIONS = {
  ada: ["Invoice 1843 was paid. Thank you!", "The analytical engine ships on Monday."],
  grace: ["Your compiler ticket is solved.", "We found the moth."],
};
const STATUS = { unknown: "One moment…", authorizing: "Signing in…", unauthorized: "Signed out" };
const REASONS = {
  user: "You signed out, here or in another tab.",
  host: "The page around this widget signed you out.",
  refused: "The server refused to renew the sign-in: it was ended there. Everybody here was signed out. Sign in again.",
  expired: "The sign-in came to its end. Sign in again.",
  "refresh-outcome-unknown":
    "A tab was closed while it renewed the token, and the answer was lost. The next tab had to use the same token again, and this strict server then ended the sign-in. Sign in again.",
  "credential-lost": "What this browser had kept could not be read any more. Sign in again.",
  "storage-cleared": "The storage of this browser was cleared. Sign in again.",
};

const FAILURES = { CREDENTIAL_STORE_UNAVAILABLE: "This browser keeps nothing here: the sign-in lasts until this tab is closed." };

/** Private things exist in the page only while the status is "authorized"; `suspended` and `restored` are `unknown` and clear them. */
function show({ status, reason, account, epoch, sequence, writer }) {
  const open = status === "authorized";
  const name = open ? (account?.name ?? account?.subject ?? "you") : "";
  if (open) {
    outcome = "";
    say("");
  }
  $("status").textContent = open ? `Signed in as ${name}` : STATUS[status];
  $("status").dataset.status = status;
  $("why").textContent = (status === "unauthorized" && outcome === "" && REASONS[reason]) || (open && FAILURES[bridge.failure?.code]) || "";
  $("messages").replaceChildren(...(open ? (CONVERSATIONS[account?.subject] ?? ["No messages yet."]) : []).map(item));
  if (!open) $("renewed").textContent = "";
  void openDraft(open ? (account?.subject ?? null) : null);
  const focused = document.activeElement;
  $("private").hidden = !open;
  $("public").hidden = status !== "unauthorized";
  $("pending").hidden = status !== "authorizing" || reason !== "sign-in";
  // The button that was pressed is gone: the keyboard goes on from here.
  if (focused?.closest("section[hidden]")) $("status").focus();

  $("reason").textContent = reason;
  $("version").textContent =
    `epoch ${epoch}.${sequence}, written by ${writer === bridge.id ? "this tab" : writer ? `tab ${writer.slice(0, 6)}` : "nobody yet"}`;
  $("kept").textContent = bridge.failure?.code ?? "sealed in this browser";
  $("storage").textContent = bridge.environment().storage;
}

function showCoop() {
  $("coop-note").textContent = COOP_NOTE[$("coop").checked ? 0 : 1];
}

function say(text) {
  $("problem").textContent = text;
  $("problem").hidden = text === "";
}

function item(text) {
  const made = document.createElement("li");
  made.textContent = text;
  return made;
}

// --- connect ----------------------------------------------------------------------------------------------------------------------------

try {
  bridge = await connect({ hosts: HOSTS, namespace: options.get("namespace") ?? "tokens", credentials: "sealed", acquire });
} catch (error) {
  $("status").textContent = "Not available on this page";
  say(`${error.code ?? error.name}: ${error.message}`);
}
if (bridge) await run();
