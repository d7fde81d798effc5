/**
 * A page that embeds a phone.
 *
 *   ?registrar=…   the name of the registrar, for the tests     ?namespace=…   of the widget
 */
import { embed } from "authframe/host";
import { clearLog, log } from "./host-log.js";

const $ = (id) => document.getElementById(id);
const PORT = location.port ? `:${location.port}` : "";
const given = new URLSearchParams(location.search);
const NAME = given.get("registrar") ?? "demo";
const CONTROL = `http://registrar.localhost${PORT}/${NAME}/control`;

const control = async (wish) => {
  const reply = await fetch(CONTROL, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(wish) });
  if (!reply.ok) throw new Error((await reply.json()).error);
  return reply.json();
};
const guarded = (work) => async () => {
  $("problem").hidden = true;
  try {
    await work();
  } catch (error) {
    $("problem").textContent = `${error.code ?? error.name}: ${error.message}`;
    $("problem").hidden = false;
  }
};

function show({ line, status }) {
  $("who").textContent =
    line.status === "active" ? `${line.phoneNumber} is registered` : `The line is ${status === "IDLE" ? "not registered" : status}`;
  $("who").dataset.status = line.status === "active" ? "authorized" : "";
}

await guarded(async () => {
  await control({ set: { keepaliveInterval: 5 } });
  const query = new URLSearchParams({ registrar: NAME, ...(given.has("namespace") ? { namespace: given.get("namespace") } : {}) });
  const widget = await embed({ container: $("frame"), src: `http://widget.localhost${PORT}/webex-widget.html?${query}`, title: "Phone" });
  window.widget = widget; // For the tests and for your console.
  widget.subscribe(({ status, account }) => {
    $("state").textContent = status === "authorized" ? `signed in as ${account?.subject ?? "a user"}` : status;
    $("state").dataset.state = status === "authorized" ? "connected" : "";
  });
  widget.handle("webex:line", (news) => {
    show(news);
    if (news.event) log("in", "phone → page", news.event, news.error?.msg ?? news.reason ?? news.line.mobiusDeviceId ?? "");
  });
})();

$("another-tab").search = given.toString();
$("down").addEventListener(
  "click",
  guarded(() => control({ fail: [{ path: "/status", status: 503, times: 6 }] })),
);
$("forget").addEventListener(
  "click",
  guarded(() => control({ forget: true })),
);
$("supersede").addEventListener(
  "click",
  guarded(() => control({ elsewhere: true })),
);
$("clear").addEventListener("click", clearLog);

let seen = 0;
const look = async () => {
  const { requests } = await (await fetch(CONTROL)).json();
  for (const { method, path, status } of requests.slice(seen))
    log(status >= 400 ? "refused" : "in", "registrar", `${method} ${path.replace("/calling/web/", "")}`, String(status ?? ""));
  seen = Math.max(seen, requests.length);
};
setInterval(() => void look().catch(() => {}), 1000);
