import { connect as penpal, WindowMessenger } from "penpal";

export async function connect({ src, origin, container }) {
  const frame = document.createElement("iframe");
  frame.src = src;
  container.append(frame);
  const connection = penpal({ messenger: new WindowMessenger({ remoteWindow: frame.contentWindow, allowedOrigins: [origin] }) });
  const widget = await connection.promise;
  return {
    ask: (value) => widget.ask(value),
    send: (value) => widget.send(value),
    close() {
      connection.destroy();
      frame.remove();
    },
  };
}
