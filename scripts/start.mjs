// `npm start`: installs what is missing, builds, and serves the demo until it is stopped.
import { existsSync } from "node:fs";
import { build } from "./build.mjs";
import { Failure, say, whenMain } from "./common.mjs";

export async function start() {
  const port = Number(process.env.PORT || 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Failure(`PORT is "${process.env.PORT}", which is not a port number.`);

  await build();

  const { serve } = await import("../www/serve.mjs");
  const xmpp = await xmppServer();
  let server;
  try {
    server = await serve({ port, xmpp });
  } catch (error) {
    await xmpp?.close();
    if (error.code === "EADDRINUSE")
      throw new Failure(`Port ${port} is in use: stop what uses it, or choose another one with PORT=8081 npm start.`);
    if (error.code === "EACCES")
      throw new Failure(`Port ${port} is not allowed for this user: choose one above 1023 with PORT=8081 npm start.`);
    throw error;
  }
  say("the demo is ready; stop it with Ctrl+C");
  console.log(`\n  http://host.localhost:${server.port}/\n`);
}

/** The server behind the Ethora chat, where Debian's is installed: only that part of the demo needs it. */
async function xmppServer() {
  const path = [process.env.PROSODY_PATH, "/usr/bin/prosody"].find((path) => path && existsSync(path));
  if (!path) return undefined;
  const { prosody } = await import("../tests/servers/prosody.mjs");
  try {
    return await prosody({ path });
  } catch (error) {
    say(`the Ethora chat is without its XMPP server (${error.message.split("\n")[0]})`);
    return undefined;
  }
}

await whenMain(import.meta.url, start);
