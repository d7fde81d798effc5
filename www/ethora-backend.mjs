/**
 * The server of the company that embeds the chat, as far as the demo needs it: it knows who is logged in, makes the users and rooms it needs at Ethora, and signs the client token
 * that its page hands to the widget. The secret stays here.
 *
 *   GET /api/chat-token?app=…&user=ada   → the token, as text
 *   GET /api/chat-room?app=…&order=1843  → {uuid}: the room of this business entity, made when it is first asked for; only Ada may see the second one
 */
const NAMES = { ada: ["Ada", "Lovelace"], grace: ["Grace", "Hopper"] };
const ORDERS = { 1843: { title: "Invoice 1843", type: "public" }, 1906: { title: "Order 1906", type: "private", members: ["ada"] } };

/** @param ethora the server that it asks: `tests/servers/ethora.mjs` */
export function ethoraBackend(ethora) {
  // Here the company's server and Ethora's are one program; elsewhere these are the requests of `authframe/ethora-backend`.
  const prepared = new Set();
  const prepare = (id) => {
    if (prepared.has(id)) return;
    prepared.add(id);
    const app = ethora.app(id);
    app.createUsers({
      usersList: Object.entries(NAMES).map(([uuid, [firstName, lastName]]) => ({
        uuid,
        firstName,
        lastName,
        email: `${uuid}@example.com`,
      })),
    });
    for (const [uuid, { title, type, members = [] }] of Object.entries(ORDERS)) {
      app.createChat({ uuid, title, type });
      if (members.length > 0) app.members({ chatName: uuid, members }, "0011");
    }
  };
  const text = (response, status, body) =>
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }).end(body);

  // As your server would import it from "authframe/ethora-backend".
  const signer = async (app) => (await import("../dist/ethora-backend.js")).ethoraBackend({ appId: app, appSecret: `secret-of-${app}` });

  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const app = searchParams.get("app") ?? "demo";
    prepare(app);
    if (pathname === "/api/chat-room") {
      const order = searchParams.get("order");
      return Object.hasOwn(ORDERS, order)
        ? text(response, 200, JSON.stringify({ uuid: Number(order) }))
        : text(response, 404, "no such order");
    }
    const userId = searchParams.get("user");
    if (!Object.hasOwn(NAMES, userId)) return text(response, 403, "no user of that name works here");
    return text(response, 200, (await signer(app)).clientToken(userId));
  };
}
