/**
 * A phone: signed in at Webex by a window, with one line for all tabs.
 *
 *   ?registrar=…   the name of the registrar at registrar.localhost, for the tests     ?namespace=…   storage key prefix
 *   ?backup=…      the name of a backup registrar                                      ?client=backend  the backend has a secret, and there is no PKCE
 *   ?limit=replace                                                                     ?register=no   does not register by itself
 */
import { AuthRejected, connectWebex, RetryLater } from "authframe/webex";

const $ = (id) => document.getElementById(id);
const options = new URLSearchParams(location.search);
const PORT = location.port ? `:${location.port}` : "";
const LOGIN = `http://webex-login.localhost${PORT}`;
const name = options.get("registrar") ?? "demo";
const base = (name) => `http://registrar.localhost${PORT}/${name}/api/v1/calling/web/`;
const backend = options.get("client") === "backend";

const ask = async (path, body) => {
  const reply = await fetch(`/api/webex/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (reply.status === 400 || reply.status === 401) throw new AuthRejected((await reply.json()).error);
  const after = Number(reply.headers.get("retry-after"));
  if ((reply.status === 429 || reply.status === 503) && after > 0) throw new RetryLater(after);
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
  return reply.status === 204 ? null : reply.json().catch(() => null);
};

// --- as the vendor's guide has it: the line and its events ---------------------------------------------------------------------

function run(line) {
  const show = (event, detail = "") => {
    $("line-status").textContent = line.getStatus();
    $("number").textContent = `${line.phoneNumber}, extension ${line.extension}`;
    $("address").textContent = line.sipAddresses.join(", ");
    $("device").textContent = line.mobiusDeviceId ?? "";
    if (!event) return;
    const item = document.createElement("li");
    item.textContent = `${event}${detail && `: ${detail}`}`;
    $("events").prepend(item);
  };
  line.on("connecting", () => show("connecting"));
  line.on("registered", (info) => {
    $("use-here").hidden = true;
    show("registered", `every ${info.keepaliveInterval} s`);
  });
  line.on("unregistered", (why) => {
    $("use-here").hidden = why?.reason !== "superseded";
    show("unregistered", why?.reason);
  });
  line.on("reconnecting", ({ missed }) => show("reconnecting", missed ? `${missed} missed` : "offline"));
  line.on("reconnected", () => show("reconnected"));
  line.on("error", (error) => {
    $("use-here").hidden = error.details.errorCode !== 101;
    show("error", `${error.type}: ${error.msg}`);
  });
  $("register").onclick = () => line.register();
  $("deregister").onclick = () => line.deregister();
  $("use-here").onclick = () => line.takeOver();
  show();
}

// --- the rest --------------------------------------------------------------------------------------------------------------------

const webex = await connectWebex({
  hosts: [`http://host.localhost${PORT}`, `http://other.localhost${PORT}`],
  namespace: options.get("namespace") ?? "phone",
  oauth: {
    clientId: backend ? "backend-app" : "pkce-widget",
    redirectUri: `http://widget.localhost${PORT}/callback.html`,
    authorizationEndpoint: `${LOGIN}/auth`,
    tokenEndpoint: `${LOGIN}/token`,
    issuer: LOGIN,
    ...(backend ? { pkce: false } : { revocationEndpoint: `${LOGIN}/token/revocation` }),
  },
  ...(backend
    ? {
        exchange: ({ code, redirectUri, codeVerifier }) => ask("exchange", { code, redirectUri, codeVerifier }),
        refresh: ({ refreshToken }) => ask("refresh", { refreshToken }),
        revoke: ({ refreshToken }) => ask("revoke", { refreshToken }),
      }
    : {}),
  line: {
    registrar: {
      primary: [base(name)],
      backup: options.has("backup") ? [base(options.get("backup"))] : [],
      userId: "ada",
      clientDeviceUri: `${LOGIN}/devices/${options.get("device") ?? "1"}`,
    },
    ...(options.get("limit") === "replace" ? { deviceLimit: "replace" } : {}),
    phoneNumber: "+1 202 555 0117",
    extension: "17",
  },
});
window.webex = webex; // For the tests and for your console.
const { bridge } = webex;
const [line] = Object.values(webex.getLines());
window.line = line;
run(line);

const TEXTS = { authorized: "Signed in", authorizing: "Signing in…", unauthorized: "No user is signed in", unknown: "One moment…" };
bridge.subscribe(({ status, account }) => {
  $("status").textContent = status === "authorized" ? `Signed in as ${account?.subject ?? "a user"}` : TEXTS[status];
  $("status").dataset.status = status;
  $("private").hidden = status !== "authorized";
  $("public").hidden = status !== "unauthorized";
  if (status === "authorized" && options.get("register") !== "no" && line.getStatus() === "IDLE") line.register();
});
$("sign-in").onclick = () => {
  $("problem").hidden = true;
  bridge.signIn().catch((error) => {
    window.signInFailure = error;
    $("problem").textContent = error.message;
    $("problem").hidden = error.code === "SIGN_IN_CANCELLED";
  });
};
$("sign-out").onclick = () => void webex.signOut();
