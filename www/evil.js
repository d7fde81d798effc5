/**
 * The attacker of the demo, in two roles.
 * In a frame beside the widget it posts forged messages to the page and to the widget. By itself it embeds the widget, which must not talk to it
 * (`/frame-ancestors/any/` lifts the browser's own protection, so that only authframe's list of hosts is left to refuse).
 * It uses exact target origins, because it knows its victims.
 */
const PORT = location.port ? `:${location.port}` : "";
const WIDGET = `http://widget.localhost${PORT}`;
const $ = (id) => document.getElementById(id);

let received = 0;
addEventListener("message", ({ origin, data }) => {
  received += 1;
  $("received").textContent = `Answers received: ${received} (last from ${origin}: ${String(data?.type).slice(0, 40)})`;
});

const account = { subject: "mallory", name: "Mallory" };
const nonce = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const session = { status: "authorized", reason: "sign-in", account, expiresAt: null, epoch: 999, sequence: 0, writer: "0".repeat(16) };

/** To a widget, and to a page: what an attacker could hope for. */
const forgedForWidget = () => [
  { type: "authframe:knock", channel: "" },
  { type: "identity", id: 1, identity: { account, accessToken: "stolen" } },
  { type: "sign-out", id: 2 },
  { type: "welcome", version: 1, nonce: nonce(), capabilities: [] },
];
const forgedForPage = () => [
  { type: "authframe:hello", channel: "", min: 1, max: 1, nonce: nonce() },
  { type: "session", session },
  { type: "open", capabilities: [], session },
];

function attack() {
  let sent = 0;
  const to = (target, origin, message, transfer) => {
    target.postMessage(message, { targetOrigin: origin, transfer });
    sent += 1;
  };
  // The page that embeds us may be either of these; a message for the wrong one is not delivered.
  const page = location.ancestorOrigins?.[0] ?? new URL(document.referrer).origin;
  for (const message of forgedForPage()) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      received += 1;
      $("received").textContent = `Answers received: ${received} (on a port: ${String(data?.type).slice(0, 40)})`;
    };
    to(parent, page, message, [port2]);
  }
  for (let i = 0; i < parent.frames.length; i++) {
    if (parent.frames[i] === window) continue;
    for (const message of forgedForWidget()) to(parent.frames[i], WIDGET, message);
  }
  $("status").textContent = `${sent} forged messages sent.`;
}

function embedUninvited() {
  const frame = document.createElement("iframe");
  frame.src = `${WIDGET}/frame-ancestors/any/`;
  frame.title = "The widget, embedded without permission";
  $("frame").append(frame);
  $("status").textContent = "The widget is embedded here without permission.";
}

const framed = parent !== window;
$("again").hidden = !framed;
$("again").addEventListener("click", attack);
if (framed) attack();
else embedUninvited();
