/**
 * A site that embeds an Ethora chat for its own users.
 *
 *   ?app=…         of the chat's server (and of the widget), for the tests     ?namespace=…   of the widget
 *   ?user=ada      is logged in from the start, as a page with a session is
 *   ?xmpp=1        the widget's XMPP client connects to the chat's server (www/xmpp-chat.js); `npm start` has one where Prosody is installed
 *   ?credentials, max-age, refresh, vendor-storage: options of the widget, for the tests (www/widget.js)
 */
import { embedEthora } from "authframe/host/ethora";
import { clearLog, log } from "./host-log.js";

const $ = (id) => document.getElementById(id);
const PORT = location.port ? `:${location.port}` : "";
const given = new URLSearchParams(location.search);
const APP = given.get("app") ?? "demo";
const CHAT_SERVER = `http://ethora.localhost${PORT}`;
const NAMES = { ada: "Ada Lovelace", grace: "Grace Hopper" };

let user = given.get("user");
let chat;

const ask = async (path) => {
  const response = await fetch(path);
  if (!response.ok) throw new Error(await response.text());
  return response.text();
};
/** Whoever is logged in here. */
const getToken = async () => (user ? ask(`/api/chat-token?${new URLSearchParams({ app: APP, user })}`) : null);
const configFor = async () => {
  const token = await getToken();
  return { appId: APP, jwtLogin: token ? { enabled: true, token } : { enabled: false } };
};

function show() {
  $("who").textContent = user ? `${NAMES[user] ?? user} is logged in` : "Nobody is logged in";
  $("who").dataset.status = user ? "authorized" : "";
}

async function logIn(next) {
  user = next;
  show();
  await chat.setConfig(await configFor());
}

const guarded =
  (work) =>
  async (...args) => {
    $("problem").hidden = true;
    try {
      await work(...args);
    } catch (error) {
      $("problem").textContent = `${error.code ?? error.name}: ${error.message}`;
      $("problem").hidden = false;
    }
  };

const PASSED_ON = ["namespace", "xmpp", "credentials", "max-age", "refresh", "vendor-storage"];
const passedOn = Object.fromEntries(PASSED_ON.filter((name) => given.has(name)).map((name) => [name, given.get(name)]));
const query = { dialect: "ethora", app: APP, ...passedOn };
show();
await guarded(async () => {
  chat = await embedEthora({
    container: $("frame"),
    src: `http://widget.localhost${PORT}/widget.html?${new URLSearchParams(query)}`,
    title: "Chat",
    config: await configFor(),
    getToken,
  });
  window.chat = chat; // For the tests and for your console.
  chat.subscribe(({ status, account }) => {
    $("state").textContent = status === "authorized" ? `signed in as ${account?.name ?? account?.subject ?? "a user"}` : status;
    $("state").dataset.state = status === "authorized" ? "connected" : "";
  });
})();

for (const button of document.querySelectorAll("[data-user]"))
  button.addEventListener(
    "click",
    guarded(() => logIn(button.dataset.user)),
  );
$("log-out").addEventListener(
  "click",
  guarded(() => logIn(null)),
);
for (const button of document.querySelectorAll("[data-order]")) {
  button.addEventListener(
    "click",
    guarded(async () => {
      chat.setChat(JSON.parse(await ask(`/api/chat-room?${new URLSearchParams({ app: APP, order: button.dataset.order })}`)));
      for (const other of document.querySelectorAll("[data-order]")) other.setAttribute("aria-pressed", String(other === button));
    }),
  );
}
const another = new URLSearchParams(given);
$("another-tab").addEventListener("click", () => {
  if (user) another.set("user", user);
  $("another-tab").search = another.toString();
});

// --- the chat's server, as only a demo can -------------------------------------------------------------------------------------

const control = async (wish) =>
  (
    await fetch(`${CHAT_SERVER}/control`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ app: APP, ...wish }),
    })
  ).json();
$("expire").addEventListener(
  "click",
  guarded(() => control({ expire: true })),
);
$("down").addEventListener(
  "click",
  guarded(() => control({ fail: [{ status: 503, times: 5 }] })),
);
let seen = 0;
const look = async () => {
  const { requests } = await (await fetch(`${CHAT_SERVER}/control?app=${encodeURIComponent(APP)}`)).json();
  for (const { method, path, status } of requests.slice(seen))
    log(status >= 400 ? "refused" : "in", "chat server", `${method} ${path}`, String(status ?? ""));
  seen = Math.max(seen, requests.length);
};
setInterval(() => void look().catch(() => {}), 1000);
$("clear").addEventListener("click", clearLog);
