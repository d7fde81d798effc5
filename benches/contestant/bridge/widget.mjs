import { connect as open } from "../../../dist/index.js";

export async function connect(ctx) {
  const bridge = await open({ hosts: [ctx.hostOrigin], wasm: new URL("authframe.wasm", location.href) });
  bridge.handle("bench", (payload) => ctx.onRequest(payload));
  bridge.handle("status", (payload) => ctx.onStatus(payload));
  await new Promise((resolve) => bridge.onConnection((state) => state === "connected" && resolve()));
}
