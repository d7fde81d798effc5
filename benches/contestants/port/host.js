// The same over a MessagePort that the widget hands over with its hello.
export function connect({ src, origin, container }) {
  const frame = document.createElement("iframe");
  const waiting = new Map();
  let count = 0;
  return new Promise((resolve) => {
    const receive = ({ source, origin: from, data, ports: [port] }) => {
      if (source !== frame.contentWindow || from !== origin || data.type !== "hello") return;
      removeEventListener("message", receive);
      port.onmessage = ({ data }) => {
        waiting.get(data.id)(data.value);
        waiting.delete(data.id);
      };
      port.postMessage({ type: "welcome" });
      resolve({
        ask: (value) =>
          new Promise((answer) => {
            waiting.set(++count, answer);
            port.postMessage({ type: "ask", id: count, value });
          }),
        send: (value) => port.postMessage({ type: "send", value }),
        close() {
          port.close();
          frame.remove();
        },
      });
    };
    addEventListener("message", receive);
    frame.src = src;
    container.append(frame);
  });
}
