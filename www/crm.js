/**
 * A CRM as the guide of RingCentral Embeddable would have it written, in its three steps, in a shell as the vendor's adapter builds it. It knows nothing of authframe. (The guide's samples post
 * to "*"; this page names the origin, which no receiver can see.)
 *
 *   ?namespace=…   of the widget, for the tests
 */
import { clearLog, describe, log } from "./host-log.js";
import { Adapter } from "./rc-adapter.js";

const $ = (id) => document.getElementById(id);
const PORT = location.port ? `:${location.port}` : "";
const WIDGET = `http://widget.localhost${PORT}`;
const NAMESPACE = new URLSearchParams(location.search).get("namespace");
const ACCOUNT = "ada@testcrm.example";
const LOGO =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="60"><rect width="160" height="60" rx="12" fill="#17744a"/><text x="80" y="39" text-anchor="middle" font-family="sans-serif" font-size="26" fill="#fff">TestCRM</text></svg>',
  );
const CONTACTS = [
  { id: "1", name: "Emmy Noether", type: "TestCRM", phoneNumbers: [{ phoneNumber: "+16505550101", phoneType: "direct" }] },
  { id: "2", name: "Mary Jackson", type: "TestCRM", phoneNumbers: [{ phoneNumber: "+16505550102", phoneType: "direct" }] },
];

const PHONE = new URLSearchParams({ dialect: "ringcentral", share: "1", ...(NAMESPACE ? { namespace: NAMESPACE } : {}) });
const adapter = new Adapter({
  appUrl: `${WIDGET}/widget.html?${PHONE}`,
  container: $("adapter"),
  enablePopup: true,
  popupPageUri: `${location.origin}/crm.html`,
});
const { frame } = adapter;
// For your console, as the vendor's page has it.
window.RCAdapter = adapter;
let registered = false;
let connected = false;

function send(message) {
  frame.contentWindow.postMessage(message, WIDGET);
  log("out", "CRM → phone", message.type, describe(message));
}

// Step 1: register the service, once the phone has said who is logged in.
function register() {
  registered = true;
  connected = false;
  send({
    type: "rc-adapter-register-third-party-service",
    service: {
      name: "TestCRM",
      info: "Customers and their calls, from TestCRM.",
      authorizationPath: "/authorize",
      authorizedTitle: "Disconnect",
      unauthorizedTitle: "Connect to TestCRM",
      authorizationLogo: LOGO,
      showAuthRedDot: true,
      authorized: false,
      contactsPath: "/contacts",
    },
  });
  done("step-register");
  adapter.navigateTo("/settings");
  show();
}

// Step 2: answer what the phone asks.
const answers = {
  "/authorize": (request) => {
    done("step-press");
    const how = document.querySelector("[name=answer]:checked").value;
    if (how === "never") return;
    setTimeout(
      () => {
        respond(request, { data: "ok" });
        update(!request.body.authorized);
      },
      how === "late" ? 4000 : 0,
    );
  },
  "/contacts": (request) => respond(request, { data: CONTACTS, nextPage: null, syncTimestamp: Date.now() }),
};
const respond = ({ requestId }, response) => send({ type: "rc-post-message-response", responseId: requestId, response });

// Step 3: tell the result.
function update(authorized) {
  connected = authorized;
  send({ type: "rc-adapter-update-authorization-status", authorized, ...(authorized ? { authorizedAccount: ACCOUNT } : {}) });
  done("step-result", authorized);
  show();
}

addEventListener("message", ({ source, data }) => {
  if (source !== frame.contentWindow) return log("refused", "stranger → CRM", String(data?.type), "not from the phone");
  log("in", "phone → CRM", data.type, describe(data));
  switch (data.type) {
    case "rc-adapter-pushAdapterState":
      $("waiting").hidden = true;
      break;
    case "rc-login-status-notify":
      $("login").textContent = data.loggedIn ? `logged in: ${data.loginNumber}` : "no user is logged in";
      done("step-login");
      if (!registered) register();
      break;
    case "rc-post-message-request":
      answers[data.path]?.(data);
  }
});

/** A step of those that the page shows. */
function done(step, isDone = true) {
  $(step).classList.toggle("done", isDone);
}

function show() {
  $("who").textContent = !registered
    ? "Starting…"
    : connected
      ? `This page has connected ${ACCOUNT}`
      : "This page has connected no account";
  $("who").dataset.status = connected ? "authorized" : "";
}

$("register").addEventListener("click", register);
$("connect").addEventListener("click", () => update(true));
$("disconnect").addEventListener("click", () => update(false));
$("log-in").addEventListener("click", () => send({ type: "rc-adapter-login" }));
$("log-out").addEventListener("click", () => send({ type: "rc-adapter-logout" }));
$("clear").addEventListener("click", clearLog);
if (NAMESPACE) $("another-tab").search = `namespace=${NAMESPACE}`;
