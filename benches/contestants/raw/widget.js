export function serve({ origin, ask, send }) {
  addEventListener("message", ({ source, origin: from, data }) => {
    if (source !== parent || from !== origin) return;
    if (data.type === "ask") parent.postMessage({ type: "reply", id: data.id, value: ask(data.value) }, origin);
    else if (data.type === "send") send(data.value);
  });
  parent.postMessage({ type: "hello" }, origin);
}
