import { embed } from "../../../dist/host/index.js";

export async function connect(ctx) {
  // embed() inserts the frame before it returns, so the clock starts here.
  ctx.mark();
  const widget = await embed({ container: ctx.container, src: ctx.widgetUrl, origin: ctx.widgetOrigin, title: "Benchmark" });
  return {
    request: (payload) => widget.request("bench", payload),
    send: (payload) => widget.send("status", payload),
    close: () => widget.close(),
  };
}
