import { connect, WindowMessenger } from "penpal";

export async function serve({ origin, ask, send }) {
  await connect({ messenger: new WindowMessenger({ remoteWindow: parent, allowedOrigins: [origin] }), methods: { ask, send } }).promise;
}
