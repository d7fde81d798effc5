import { connect } from "../../../dist/index.js";

// What the first change, which is not counted, leaves for everybody: the login number that epoch 0 would have.
const BASE = "bench.base";

export async function open(ctx) {
  const bridge = await connect({ hosts: [location.origin], wasm: new URL("authframe.wasm", location.href) });
  // Another tab learns the epoch, not the account: only a salted hash of it is stored. Each login here is another account, so it raises the epoch by one.
  let base = null;
  bridge.subscribe(({ status, epoch }) => {
    if (status !== "authorized") return;
    base ??= localStorage.getItem(BASE);
    if (base !== null) ctx.onState(Number(base) + epoch);
  });
  return {
    async change(seq) {
      if (localStorage.getItem(BASE) === null) localStorage.setItem(BASE, String(seq - bridge.session.epoch - 1));
      await bridge.authorize({ account: `u${seq}` });
    },
  };
}
