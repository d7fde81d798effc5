import { connect } from "authframe";

export async function serve({ origin, ask, send }) {
  const bridge = await connect({ hosts: [origin] });
  bridge.handle("ask", ask);
  bridge.handle("send", send);
}
