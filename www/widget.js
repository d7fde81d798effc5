/**
 * The widget of the demo: what its vendor would write.
 *
 * Options in the address, for tests and experiments:
 *   ?namespace=…       storage key prefix                    ?channel=…      separates several bridges in one page
 *   ?acquire=none      a widget that needs no token: the shared status alone decides who is signed in
 *   ?opaque=1          opts in to being sandboxed without an origin
 *   ?dialect=xbees     below a page that was made for another system's widget; &variant=info-frame, daemon or dialog, &web: not on mobile
 *   ?dialect=ringcentral; &share: all tabs below the same host agree on its service
 *   ?dialect=ethora&app=… (&xmpp=1: with the chat itself; &credentials=memory; more: see connectEthora below), ?dialect=edna&name=…; &api=own: at edna.localhost, where no cookie of ours comes
 *   ?hosts=…           more origins that may embed it, separated by commas (only this demo does that)
 *   ?storage=denied    imitates a browser that denies storage: localStorage and sessionStorage throw
 */
const options = new URLSearchParams(location.search);
const PORT = location.port ? `:${location.port}` : "";
const MORE_HOSTS = (options.get("hosts") ?? "").split(",").filter(Boolean);
const dialect = options.get("dialect") ?? "native";
const variant = options.get("variant");
// Pages with an Ethora or edna chat speak our own protocol.
const wire = dialect === "ethora" || dialect === "edna" ? "native" : dialect;
const HOSTS = [`http://host.localhost${PORT}`, `http://other.localhost${PORT}`, ...MORE_HOSTS].map((origin) => ({ origin, dialect: wire }));
const $ = (id) => document.getElementById(id);

if (options.get("storage") === "denied") {
  for (const name of ["localStorage", "sessionStorage"]) {
    const get = () => {
      throw new DOMException("imitated: storage is denied", "SecurityError");
    };
    Object.defineProperty(window, name, { configurable: true, get });
  }
}

// After the imitation above, so that the library never sees the real one.
const { connect } = await import("authframe");

const CONVERSATIONS = {
  ada: ["Invoice 1843 was paid. Thank you!", "The analytical engine ships on Monday."],
  grace: ["Your compiler ticket is solved.", "We found the moth."],
};
const FEATURES = { sms: false, meeting: false, glip: true, smartNote: false, call: false, ringSenseInsights: false };
/** What the adapter shows in its header. */
const LOGO =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="28"><circle cx="14" cy="14" r="10" fill="#2f5bd7"/><text x="32" y="20" font-family="sans-serif" font-size="17" font-weight="600" fill="#2f5bd7">Phone</text></svg>',
  );
const STATUS = { unknown: "One moment…", authorizing: "Signing in…", unauthorized: "Signed out" };

// What the host page learned last of refused messages.
let reported = "";
// Whether the user has left the welcome for the sign-in page.
let begun = false;

// --- this vendor's own login server --------------------------------------------------------------------------------------------

/** Null: no user is signed in (or the host's token was refused). A network failure throws, and authframe tries again later. */
async function session(method, body, signal) {
  const headers = body ? { "content-type": "application/json" } : {};
  const response = await fetch("/api/session", { method, headers, body: body && JSON.stringify(body), signal });
  return response.status === 200 ? response.json() : null;
}

/** Who is signed in at our server? A token from the host is exchanged for a session of our own. */
const acquire = ({ identity, signal }) =>
  identity?.accessToken ? session("POST", { hostToken: identity.accessToken }, signal) : session("GET", undefined, signal);

// --- connect ----------------------------------------------------------------------------------------------------------------------

let bridge;
let ethora;
let edna;
try {
  const common = {
    hosts: HOSTS,
    namespace: options.get("namespace") ?? "demo",
    ...(options.has("channel") ? { channel: options.get("channel") } : {}),
    ...(options.has("opaque") ? { allowOpaqueOrigin: true } : {}),
    ...(options.has("web") ? { xbees: { platform: "web" } } : {}),
    ringcentral: {
      login: ({ account }) => ({ loginNumber: `+16505550100*${account?.subject ?? ""}`, features: FEATURES }),
      presence: { userStatus: "Available", dndStatus: "TakeAllCalls", presenceOption: "Available" },
      brand: { logoUri: LOGO },
      size: { width: 340, height: 540 },
      shareAuthorization: options.has("share"),
    },
  };
  if (dialect === "ethora") {
    const { connectEthora } = await import("authframe/ethora");
    ethora = await connectEthora({
      ...common,
      credentials: options.get("credentials") ?? "sealed",
      ...(options.has("max-age") ? { maxSessionAge: Number(options.get("max-age")) } : {}),
      ...(options.get("refresh") === "off" ? { refreshTokens: { enabled: false } } : {}),
      ...(options.has("vendor-storage") ? { vendorStorage: options.get("vendor-storage") } : {}),
      appId: options.get("app") ?? "demo",
      baseUrl: `http://ethora.localhost${PORT}/v1`,
    });
    bridge = ethora.bridge;
  } else if (dialect === "edna") {
    const { connectEdna } = await import("authframe/edna");
    const chat = options.get("api") === "own" ? `edna.localhost${PORT}` : `${location.host}/edna`;
    const at = `${chat}/${encodeURIComponent(options.get("name") ?? "demo")}`;
    edna = await connectEdna({
      ...common,
      rootUrl: `http://${at}/api`,
      websocketUrl: `ws://${at}/ws`,
      uid: "demo-uid",
      package: "demo-package",
    });
    bridge = edna.bridge;
  } else bridge = await connect({ ...common, ...(options.get("acquire") === "none" ? {} : { acquire }) });
} catch (error) {
  fail(error);
}
if (bridge) run();

function run() {
  window.bridge = bridge; // For the tests and for your console.
  bridge.onConnection((state) => {
    $("connection").textContent = state;
    $("ask").hidden = state !== "connected" || wire !== "native";
    if (state === "connected") report("demo:here", { id: bridge.id });
    showFacts();
  });

  let last = bridge.session;
  bridge.subscribe((session) => {
    show(session);
    // This tab signed the user out (here, or because the host said so): the server must know. Other tabs leave that to us.
    // (An Ethora session ends with its tokens, and edna has none.)
    const signedOut =
      !ethora && !edna && session.status === "unauthorized" && session.reason !== "account-switch" && session.epoch > last.epoch;
    if (signedOut && session.writer === bridge.id) void forget();
    last = session;
  });

  // What was refused is announced to the host page for its log; no authframe message has any part in that.
  addEventListener("message", () => setTimeout(showFacts));

  if (bridge.ringcentral) runService(bridge.ringcentral);
  if (ethora) runChat(ethora);
  if (edna) runSupport(edna);

  for (const button of document.querySelectorAll("[data-sign-in]")) {
    button.addEventListener(
      "click",
      guarded(async () => {
        const signedIn = await session("POST", { subject: button.dataset.signIn });
        if (signedIn) await bridge.authorize(signedIn);
      }),
    );
  }
  $("begin").addEventListener("click", () => {
    begun = true;
    show(bridge.session);
    document.querySelector("[data-sign-in]").focus();
  });
  $("leave").addEventListener(
    "click",
    guarded(() => bridge.signOut()),
  );
  $("ask").addEventListener(
    "click",
    guarded(async () => {
      if (!(await bridge.requestSignIn())) throw Object.assign(new Error("This page signed nobody in."), { code: "Declined" });
    }),
  );
  document.querySelector(".facts").addEventListener(
    "toggle",
    guarded(async () => {
      const findings = await bridge.diagnose();
      $("findings").replaceChildren(...findings.map(({ code, problem, remedy }) => item(`${code}: ${problem} ${remedy}`)));
    }),
  );
}

/** The rooms of the user who is signed in, and the one that the page wants to see. */
function runChat(ethora) {
  window.ethora = ethora; // For the tests and for your console.
  for (const button of document.querySelectorAll("[data-sign-in]")) button.hidden = true;
  $("public-text").textContent = "The page around this widget signs you in.";
  const look = async () => {
    const { status, epoch } = bridge.session;
    const { chat, failure } = ethora;
    $("problem").hidden = !failure;
    $("problem").textContent = failure?.message ?? "";
    let lines = [];
    if (status === "authorized") {
      try {
        const response = await ethora.fetch("/chats/my");
        const { items = [] } = await response.json();
        const wanted = items.find(({ uuid, jid }) => chat && (String(chat.uuid) === uuid || chat.jid === jid));
        if (chat && !wanted) lines = ["This room is not open to you."];
        else lines = (wanted ? [wanted] : items).map(({ title }) => title);
      } catch (error) {
        lines = [`${error.code ?? error.name}: ${error.message}`];
      }
    }
    // Another user may be here by now.
    if (bridge.session.epoch === epoch && bridge.session.status === status) $("messages").replaceChildren(...lines.map(item));
  };
  ethora.onChat(() => void look());
  bridge.subscribe(() => void look());
  if (options.has("xmpp")) void runMessages(ethora);
}

/** The chat itself, over XMPP. */
async function runMessages(ethora) {
  const { runXmpp } = await import("./xmpp-chat.js");
  window.xmpp = { status: "offline", jid: null }; // For the tests and for your console.
  $("xmpp-row").hidden = false;
  runXmpp(ethora, { service: `ws://xmpp.localhost${PORT}/xmpp-websocket`, domain: "xmpp.localhost" }, (status, jid) => {
    window.xmpp = { status, jid };
    $("xmpp").textContent = jid ? `${status}, ${jid}` : status;
  });
}

/** A chat with the operator, of a guest or a client: what is shown belongs to the visitor whose it is, and goes with them. */
function runSupport(edna) {
  window.edna = edna; // For the tests and for your console.
  window.frames = []; // What came by itself.
  const problem = () => {
    const { failure } = edna;
    $("problem").hidden = !failure;
    $("problem").textContent = failure?.message ?? "";
  };
  const line = ({ from, text }) => item(`${from === "operator" ? "Operator" : "You"}: ${text}`);
  const socket = edna.connectSocket(
    (frame) => {
      window.frames.push(frame);
      const { from, content } = frame?.data ?? {};
      if (frame?.action === "message" && typeof content?.text === "string") $("messages").append(line({ from, text: content.text }));
    },
    (ready) => {
      $("send").disabled = !ready;
      problem();
    },
  );
  window.socket = socket;
  $("chat").hidden = false;
  edna.onVisitor(async (visitor) => {
    $("messages").replaceChildren();
    if (!visitor) return;
    try {
      const { messages } = await edna.history();
      if (edna.visitor === visitor) $("messages").replaceChildren(...messages.map(line));
    } catch (error) {
      // Another user's, or said by the failure.
      if (error.code !== "NOT_AUTHORIZED") problem();
    }
  });
  $("chat").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = $("text").value.trim();
    if (!text || !socket.ready) return;
    socket.send({ type: "MESSAGE", text });
    $("messages").append(line({ from: "client", text }));
    $("text").value = "";
  });
}

/** The view in which the vendor shows the host's service: `service.fields` are the host's words, so they are shown as text and nothing else. */
function runService(host) {
  $("tabs").hidden = false;
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const select = (chosen) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      $(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
  };
  for (const tab of tabs) {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", ({ key }) => {
      if (key !== "ArrowLeft" && key !== "ArrowRight") return;
      const next = tabs[(tabs.indexOf(tab) + 1) % tabs.length];
      select(next);
      next.focus();
    });
  }

  const text = (value) => (typeof value === "string" ? value : "");
  const problem = (error) => {
    $("service-problem").textContent = error ? `${error.code ?? error.name}: ${error.message}` : "";
    $("service-problem").hidden = !error;
  };
  let shown;
  host.subscribe((service) => {
    $("no-service").hidden = service !== null;
    $("service").hidden = service === null;
    if (!service) return;
    const { fields, authorized, account } = service;
    const button = text(fields.authorizationPath) !== "";
    const logo = text(fields.authorizationLogo);
    $("service-name").textContent = text(fields.displayName) || text(fields.name);
    $("service-info").textContent = text(fields.info);
    $("service-logo").hidden = !/^(https?:\/\/|data:image)/.test(logo);
    if (!$("service-logo").hidden) $("service-logo").src = logo;
    $("service-account").hidden = account === null;
    $("service-account").textContent = `Connected as ${account}`;
    $("authorization").hidden = !button;
    $("authorization-title").textContent = authorized
      ? text(fields.authorizedTitle) || "Unauthorize"
      : text(fields.unauthorizedTitle) || "Authorize";
    for (const dot of document.querySelectorAll("[data-dot]")) dot.hidden = !(button && !authorized && fields.showAuthRedDot);
    $("load-contacts").hidden = text(fields.contactsPath) === "";
    if (!authorized || fields.name !== shown) $("contacts").replaceChildren();
    shown = fields.name;
    problem(null);
  });
  const busy = (button, work) => async () => {
    problem(null);
    button.disabled = true;
    await work().catch(problem);
    button.disabled = false;
  };
  $("authorization").addEventListener(
    "click",
    busy($("authorization"), () => host.pressAuthorization()),
  );
  $("load-contacts").addEventListener(
    "click",
    busy($("load-contacts"), async () => {
      const { data } = await host.request(text(host.service?.fields.contactsPath), { page: 1, syncTimestamp: null }, { timeoutMs: 60_000 });
      $("contacts").replaceChildren(...(Array.isArray(data) ? data : []).map(({ name }) => item(text(name))));
    }),
  );
  host.on("rc-adapter-login", () => {
    begun = true;
    select($("home-tab"));
    show(bridge.session);
  });
  // The user picks in the adapter's menu, and the adapter shows what we say.
  host.on("rc-adapter-presenceItemClicked", ({ presenceType }) => {
    if (bridge.session.status !== "authorized") return;
    const [userStatus, dndStatus] = presenceType === "DoNotAcceptAnyCalls" ? ["Busy", presenceType] : [presenceType, "TakeAllCalls"];
    host.notify("rc-adapter-syncPresence", { telephonyStatus: null, userStatus, dndStatus, presenceOption: presenceType });
  });
  host.on("rc-adapter-navigate-to", ({ path }) => select(path === "/settings" ? $("settings-tab") : $("home-tab")));
}

/** For the host page's log. A host of another system has no ear for it. */
function report(name, data) {
  if (wire === "native") bridge.send(name, data);
}

async function forget() {
  await session("DELETE").catch(() => {});
}

// --- what is shown ------------------------------------------------------------------------------------------------------------------

/** Private things exist in the page only while the status is "authorized"; `suspended` and `restored` are `unknown` and clear them. */
function show({ status, reason, account, epoch, sequence, writer }) {
  const open = status === "authorized";
  const name = open ? (account?.name ?? account?.subject ?? "you") : "";
  $("status").textContent = open ? `Signed in as ${name}` : edna && status === "unauthorized" ? "Chatting as a guest" : STATUS[status];
  $("status").dataset.status = status;
  $("name").textContent = name;
  if (!edna && (!ethora || !open))
    $("messages").replaceChildren(...(open ? (CONVERSATIONS[account?.subject] ?? ["No messages yet."]) : []).map(item));
  $("private").hidden = !open && !edna;
  $("greeting").hidden = $("leave").hidden = !open;
  // A host of another system opens the sign-in page as a dialog; elsewhere there is a welcome first.
  const welcome = wire !== "native" && variant !== "dialog" && !begun;
  if (open) begun = false;
  $("welcome").hidden = status !== "unauthorized" || !welcome;
  $("public").hidden = status !== "unauthorized" || welcome || !!edna;
  $("reason").textContent = reason;
  $("version").textContent =
    `epoch ${epoch}.${sequence}, written by ${writer === bridge.id ? "this tab" : writer ? `tab ${writer.slice(0, 6)}` : "nobody yet"}`;
}

function showFacts() {
  const { storage, scope, parent, shares } = bridge.environment();
  $("storage").textContent = storage;
  $("scope").textContent = `${scope}; other tabs reached: ${shares}`;
  $("parent").textContent = parent ?? "none";
  const counts = JSON.stringify(bridge.rejected);
  $("rejected").textContent =
    Object.entries(bridge.rejected)
      .filter(([, n]) => n > 0)
      .map(([kind, n]) => `${kind} ${n}`)
      .join(", ") || "nothing";
  if (counts !== reported && bridge.connection === "connected") {
    reported = counts;
    report("demo:rejected", { ...bridge.rejected });
  }
}

function item(text) {
  const made = document.createElement("li");
  made.textContent = text;
  return made;
}

function fail(error) {
  $("status").textContent = "Not available on this page";
  $("problem").textContent = `${error.code ?? error.name}: ${error.message}`;
  $("problem").hidden = false;
}

/** A refused step is said aloud, not thrown where nothing catches it. */
function guarded(work) {
  return async () => {
    $("problem").hidden = true;
    try {
      await work();
    } catch (error) {
      $("problem").textContent = `${error.code ?? error.name}: ${error.message}`;
      $("problem").hidden = false;
    }
  };
}
