// The browser's own postMessage between two windows, each checking source and origin: the unit that everything is measured in.
export function connect({ src, origin, container }) {
  const frame = document.createElement("iframe");
  const waiting = new Map();
  let count = 0;
  return new Promise((resolve) => {
    const post = (message) => frame.contentWindow.postMessage(message, origin);
    const receive = ({ source, origin: from, data }) => {
      if (source !== frame.contentWindow || from !== origin) return;
      if (data.type === "hello") {
        post({ type: "welcome" });
        resolve({
          ask: (value) =>
            new Promise((answer) => {
              waiting.set(++count, answer);
              post({ type: "ask", id: count, value });
            }),
          send: (value) => post({ type: "send", value }),
          close() {
            removeEventListener("message", receive);
            frame.remove();
          },
        });
      } else if (data.type === "reply") {
        waiting.get(data.id)(data.value);
        waiting.delete(data.id);
      }
    };
    addEventListener("message", receive);
    frame.src = src;
    container.append(frame);
  });
}
