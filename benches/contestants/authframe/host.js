import { embed } from "authframe/host";

export async function connect({ src, container }) {
  const widget = await embed({ container, src });
  return { ask: (value) => widget.request("ask", value), send: (value) => widget.send("send", value), close: () => widget.close() };
}
