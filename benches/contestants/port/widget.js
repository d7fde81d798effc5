export function serve({ origin, ask, send }) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    if (data.type === "ask") port1.postMessage({ type: "reply", id: data.id, value: ask(data.value) });
    else if (data.type === "send") send(data.value);
  };
  parent.postMessage({ type: "hello" }, origin, [port2]);
}
