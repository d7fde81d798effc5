import { windowEndpoint, wrap } from "comlink";

// It has no handshake: the frame's load event has to do, and a first call.
export async function connect({ src, origin, container }) {
  const frame = document.createElement("iframe");
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  frame.src = src;
  container.append(frame);
  await loaded;
  const widget = wrap(windowEndpoint(frame.contentWindow, window, origin));
  await widget.ask(null);
  return { ask: (value) => widget.ask(value), send: (value) => widget.send(value), close: () => frame.remove() };
}
