/**
 * The live log. It watches from outside the library: a window listener registered before authframe's own hears hellos and whatever else is
 * posted at this page; from a hello it takes the port and listens beside authframe. What the page says on that port it sees by wrapping this one port's
 * `postMessage`. (The one thing not seen from here is the knock, which goes from this window straight to the widget's.)
 */
const list = document.getElementById("log");
const LIMIT = 300;

/** Words that must not appear in a log, by field name. */
const SECRET = /token|secret|password/i;

export function log(kind, direction, what, detail = "") {
  const item = document.createElement("li");
  item.className = kind;
  item.append(
    element(
      "time",
      new Date().toLocaleTimeString([], {
        hour12: false,
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
        fractionalSecondDigits: 3,
      }),
    ),
    element("span", direction, "direction"),
    element("code", what),
    element("span", detail, "detail"),
  );
  list.prepend(item);
  while (list.children.length > LIMIT) list.lastChild.remove();
}

export const clearLog = () => list.replaceChildren();

/** @param {(source: MessageEventSource | null) => string | null} nameOf who is behind a window: a widget's name, or null for a stranger. */
export function watchWindow(nameOf, onMessage) {
  addEventListener("message", (event) => {
    const name = nameOf(event.source);
    const type = typeof event.data?.type === "string" ? event.data.type : typeof event.data;
    if (name === null)
      log(
        "refused",
        `${event.origin.replace(/^https?:\/\//, "")} → page`,
        clip(type),
        `not from a widget of this page: ${describe(event.data)}`,
      );
    else log("in", `${name} → page`, clip(type), describe(event.data));
    if (name !== null && type === "authframe:hello" && event.ports[0]) watchPort(event.ports[0], name);
    setTimeout(onMessage);
  });
}

function watchPort(port, name) {
  port.addEventListener("message", ({ data }) => log("in", `${name} → page`, clip(data?.type), describe(data)));
  const send = port.postMessage.bind(port);
  port.postMessage = (data, ...rest) => {
    log("out", `page → ${name}`, clip(data?.type), describe(data));
    send(data, ...rest);
  };
}

/** One line for a message: its fields, tokens blacked out, long ones cut. */
export function describe(value) {
  if (typeof value !== "object" || value === null) return clip(value);
  const shown = JSON.stringify(value, (key, part) => {
    if (key === "type" && part === value.type) return undefined;
    if (SECRET.test(key) && part != null) return `•••• (${String(part).length} characters)`;
    if (typeof part === "string" && part.startsWith("data:")) return clip(part, 24);
    if (key === "nonce") return `${String(part).slice(0, 6)}…`;
    return typeof part === "bigint" ? String(part) : part;
  });
  return clip(shown === "{}" ? "" : shown, 400);
}

function clip(value, length = 60) {
  const text = String(value ?? "");
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
