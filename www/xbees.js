/**
 * An imitation of the x-bees shell, written from the vendor's documents: it knows the words of the wire and nothing of authframe.
 *
 *   ?namespace=…   of the widget, for the tests
 */
import { clearLog, describe, log } from "./host-log.js";

const $ = (id) => document.getElementById(id);
const PORT = location.port ? `:${location.port}` : "";
const WIDGET = `http://widget.localhost${PORT}`;
const NAMESPACE = new URLSearchParams(location.search).get("namespace");

/** The running instances by their variant: `{frame, status}`. `status` is undefined until the instance says one. */
const instances = new Map();
let mobile = false;
// What the integration is built to say, and what it has said: the host remembers that.
let web = false;
let platform;
let theme = "light";

function start(variant, container) {
  stop(variant);
  const query = new URLSearchParams({
    dialect: "xbees",
    variant,
    iframeId: `${variant}-1`,
    ...(web ? { web: "1" } : {}),
    ...(NAMESPACE ? { namespace: NAMESPACE } : {}),
  });
  const frame = document.createElement("iframe");
  frame.title = `Northwind, ${variant}`;
  frame.src = `${WIDGET}/widget.html?${query}`;
  container.replaceChildren(frame);
  instances.set(variant, { frame, status: undefined });
}

function stop(variant) {
  instances.get(variant)?.frame.remove();
  instances.delete(variant);
}

/** Everything anew. An integration that said "web" is not started on mobile. */
function restart() {
  for (const variant of [...instances.keys()]) stop(variant);
  if (!mobile || platform !== "web") {
    start("info-frame", $("frame"));
    start("daemon", $("daemon"));
  }
  show();
}

addEventListener("message", ({ source, data, ports }) => {
  const [variant, instance] = [...instances].find(([, { frame }]) => frame.contentWindow === source) ?? [];
  if (!instance) return log("refused", "stranger → host", String(data?.type), "not from an instance");
  log("in", `${variant} → host`, data.type, describe(data));
  answer(ports[0], data);
  if (data.type === "xBeesReady") platform = data.payload?.platform;
  if (data.type === "xBeesAuthorized") instance.status = true;
  if (data.type === "xBeesNotAuthorized") instance.status = false;
  show();
});

function answer(port, { type }) {
  if (type === "xBeesTheme") port?.postMessage({ type, payload: { mode: theme, themeOptions: {} } });
  else port?.postMessage({ type, message: "done" });
}

/** To every instance. */
function tell(message) {
  for (const [variant, instance] of instances) {
    instance.frame.contentWindow.postMessage(message, WIDGET);
    log("out", `host → ${variant}`, message.type, describe(message));
  }
}

function show() {
  const info = instances.get("info-frame");
  const [who, state] = !info
    ? ["Integration not started", "not started"]
    : info.status === undefined
      ? ["Starting…", "starting"]
      : info.status
        ? ["Integration active", "active"]
        : ["Integration inactive", "inactive"];
  const active = state === "active";
  $("who").textContent = who;
  $("who").dataset.status = active ? "authorized" : "";
  $("state").textContent = state;
  $("state").dataset.state = active ? "connected" : "";
  // On not-authorized it leaves the info panel and the search, and the user is told.
  $("notice").hidden = state !== "inactive";
  $("frame").hidden = state === "inactive";
  $("mobile-note").hidden = state !== "not started";
  const results = ["Emmy Noether · colleagues", ...(active ? ["Emmy Noether · Northwind"] : [])];
  $("results").replaceChildren(...results.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  if ([...instances.values()].some(({ status }) => status) && $("dialog").open) closeDialog();
}

function closeDialog() {
  $("dialog").close();
  stop("dialog");
  $("sign-in").focus();
}

$("sign-in").addEventListener("click", () => {
  start("dialog", $("dialog-frame"));
  $("dialog").showModal();
});
$("cancel").addEventListener("click", closeDialog);
$("dialog").addEventListener("cancel", () => stop("dialog"));
$("token").addEventListener("click", () => tell({ type: "xBeesPbxToken", payload: `demo-token-${Date.now()}` }));
$("theme").addEventListener("click", () => {
  theme = theme === "light" ? "dark" : "light";
  tell({ type: "xBeesUseTheme", payload: { mode: theme, themeOptions: {} } });
});
$("logout").addEventListener("click", () => tell({ type: "xBeesLogout" }));
for (const [id, change] of [
  ["mobile", (on) => (mobile = on)],
  ["web", (on) => ((platform = undefined), (web = on))],
]) {
  $(id).addEventListener("click", () => {
    const on = $(id).getAttribute("aria-pressed") !== "true";
    $(id).setAttribute("aria-pressed", String(on));
    change(on);
    restart();
  });
}
$("clear").addEventListener("click", clearLog);
restart();
