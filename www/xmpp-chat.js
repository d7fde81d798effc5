/** The chat itself: an XMPP client that logs in as the user who uses the chat, connects again by itself, and ends with the session. */
import { client } from "@xmpp/client";

/**
 * @param chat as `connectEthora` gives it
 * @param {{service: string, domain: string}} server the vendor's are wss://xmpp.chat.ethora.com:5443/ws and xmpp.chat.ethora.com
 * @param {(status: string, jid: string | null) => void} show
 */
export function runXmpp(chat, { service, domain }, show) {
  let current = null;

  const connect = () => {
    const xmpp = client({
      service,
      domain,
      async credentials(authenticate) {
        // Asked at each login: when the WebSocket comes again, the password may be another one.
        const { xmppUsername, xmppPassword } = await chat.user();
        if (xmpp === current) await authenticate({ username: xmppUsername, password: xmppPassword }, "PLAIN");
      },
    });
    const showStatus = (status) => {
      if (xmpp === current) show(status, xmpp.jid ? String(xmpp.jid) : null);
    };
    xmpp.on("status", showStatus);
    xmpp.on("error", () => showStatus("error"));
    // Its error has been shown.
    xmpp.start().catch(() => {});
    return xmpp;
  };

  chat.onUser((user) => {
    // It must not come back by itself.
    current?.reconnect.stop();
    current?.stop().catch(() => {});
    current = null;
    show("offline", null);
    if (user) current = connect();
  });
}
