/**
 * A site made for edna's embed: globals and a settings.json.
 *
 *   ?name=…        of the client at the chat's server (and of the widget), for the tests     ?namespace=…, ?api=own   of the widget
 *   ?user=ada      is logged in from the start, as a page with a session is
 */
import { embedEdna } from "authframe/host/edna";

const $ = (id) => document.getElementById(id);
const PORT = location.port ? `:${location.port}` : "";
const given = new URLSearchParams(location.search);
const NAME = given.get("name") ?? "demo";
const SERVER = `http://edna.localhost${PORT}`;
/** Who is logged in here, in every tab: what a site keeps in its session. */
const KEY = `edna-shop-${NAME}`;

const PEOPLE = {
  ada: {
    name: "Ada Lovelace",
    phone: "+44 20 7946 0000",
    email: "ada@example.com",
    personal_manager: "Charles Babbage",
    customField: { segment: "gold", orders: [1843, 1906] },
  },
  grace: {
    name: "Grace Hopper",
    phone: "+1 202 555 0117",
    email: "grace@example.com",
    personal_manager: "Howard Aiken",
    customField: { segment: "navy" },
  },
};

const settings = {
  webchat: {
    clientId: "clientId",
    unauthClientId: "unauthClientId",
    clientData: "clientData",
    backend: { rootUrl: SERVER, history: { count: 20 }, unauthorizedHistory: { count: 20, enable: true, cookie: { "Max-Age": 15552000 } } },
    extendedAuth: {
      dataKey: "extendedAuth",
      http: { enabled: true, headersMap: { "X-Auth-Token": "token", "X-Token-Type": "type" } },
      ws: { enabled: true, dataMap: ["token", "type"] },
      cookie: { enabled: true, options: { "Max-Age": 3600 } },
      httpTokenExpiredCode: 401,
      wsTokenExpiredCode: 4001,
    },
  },
};

let turn = 0;
/** A new one each time, as this site's server would give it. */
const auth = (user) => ({ token: `${user ?? "guest"}-${++turn}-${crypto.randomUUID().slice(0, 8)}`, type: "demo" });
/** Sets the globals of the user who is logged in. Gives whether that has changed. */
function setGlobals() {
  const user = localStorage.getItem(KEY);
  const id = user && `${user}-5f1d7e`;
  if (window.extendedAuth && (window.clientId ?? null) === id) return false;
  window.clientId = id;
  window.clientData = user ? JSON.stringify(PEOPLE[user]) : null;
  window.extendedAuth = auth(user);
  return true;
}
function show() {
  const user = localStorage.getItem(KEY);
  $("who").textContent = user ? `${PEOPLE[user].name} is logged in` : "A guest is here";
  $("who").dataset.status = user ? "authorized" : "";
  const rows = Object.entries(window.extendedAuth).map(([name, value]) => [name, value]);
  $("auth").replaceChildren(...rows.map(([name, value]) => pair(name, value)));
  $("findings").replaceChildren(...(window.chat?.findings ?? []).map(({ code, problem }) => element("li", `${code}: ${problem}`)));
  if (!$("findings").firstChild) $("findings").append(element("li", "nothing"));
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
    show();
  };

if (given.has("user")) localStorage.setItem(KEY, given.get("user"));
setGlobals();
show();
const query = {
  dialect: "edna",
  name: NAME,
  ...Object.fromEntries(["namespace", "api"].filter((key) => given.has(key)).map((key) => [key, given.get(key)])),
};
await guarded(async () => {
  window.chat = await embedEdna({
    container: $("frame"),
    src: `http://widget.localhost${PORT}/widget.html?${new URLSearchParams(query)}`,
    title: "Chat",
    settings,
    update() {
      if (setGlobals()) show();
    },
    onExpired() {
      window.extendedAuth = auth(localStorage.getItem(KEY));
      show();
    },
  });
  window.chat.subscribe(({ status, account }) => {
    $("state").textContent =
      status === "authorized" ? `signed in as ${account?.name ?? account?.subject}` : status === "unauthorized" ? "guest" : status;
    $("state").dataset.state = status === "authorized" ? "connected" : "";
  });
})();

const logIn = async (user) => {
  if (user) localStorage.setItem(KEY, user);
  else localStorage.removeItem(KEY);
  setGlobals();
  await window.chat.refresh();
};
for (const button of document.querySelectorAll("[data-user]"))
  button.addEventListener(
    "click",
    guarded(() => logIn(button.dataset.user)),
  );
$("log-out").addEventListener(
  "click",
  guarded(() => logIn(null)),
);
$("rotate").addEventListener(
  "click",
  guarded(() => void (window.extendedAuth = auth(localStorage.getItem(KEY)))),
);
$("another-tab").search = given.toString();

// --- the operator ---------------------------------------------------------------------------------------------------------------------

const post = (path, body) =>
  fetch(`${SERVER}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client: NAME, ...body }),
  });
// The server takes what the widget has now no longer: by the codes of the settings.
$("expire").addEventListener(
  "click",
  guarded(() => post("/control", { close: 4001 })),
);

async function look() {
  const { people } = await (await fetch(`${SERVER}/operator?client=${encodeURIComponent(NAME)}`)).json();
  const text = JSON.stringify(people);
  if (text === look.shown) return;
  look.shown = text;
  $("operator").replaceChildren(...people.map(card));
  const chosen = $("person").value;
  $("person").replaceChildren(
    ...people.map(({ kind, id }) =>
      Object.assign(element("option", `${kind} ${id.slice(0, 12)}`), {
        value: JSON.stringify({ kind, id }),
        selected: JSON.stringify({ kind, id }) === chosen,
      }),
    ),
  );
}
function card({ kind, id, online, info, messages }) {
  const article = element("article", "");
  article.className = "facts open";
  const list = element("dl", "");
  const fields = Object.entries(parsed(info)).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  list.append(
    ...[[kind, id], ["online", online ? "yes" : "no"], ...fields, ...messages.slice(-5).map(({ from, text }) => [from, text])].map(
      ([name, value]) => pair(name, value),
    ),
  );
  article.append(list);
  return article;
}
$("answer").addEventListener(
  "submit",
  guarded(async (event) => {
    event.preventDefault();
    const text = $("answer-text").value.trim();
    if (!text || !$("person").value) return;
    await post("/operator/say", { ...JSON.parse($("person").value), text });
    $("answer-text").value = "";
  }),
);
setInterval(() => void look().catch(() => {}), 1000);

function parsed(info) {
  try {
    return Object(JSON.parse(info ?? "{}"));
  } catch {
    return {};
  }
}
function pair(name, value) {
  const row = element("div", "");
  row.append(element("dt", name), element("dd", value));
  return row;
}
function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
