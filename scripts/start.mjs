// `npm start`: installs what is missing, builds, and serves the demo until it is stopped.
import { build } from "./build.mjs";
import { Failure, say, whenMain } from "./common.mjs";

export async function start() {
  const port = Number(process.env.PORT || 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Failure(`PORT is "${process.env.PORT}", which is not a port number.`);

  await build();

  const { serve } = await import("../www/serve.mjs");
  let server;
  try {
    server = await serve({ port });
  } catch (error) {
    if (error.code === "EADDRINUSE")
      throw new Failure(`Port ${port} is in use: stop what uses it, or choose another one with PORT=8081 npm start.`);
    if (error.code === "EACCES")
      throw new Failure(`Port ${port} is not allowed for this user: choose one above 1023 with PORT=8081 npm start.`);
    throw error;
  }
  say("the demo is ready; stop it with Ctrl+C");
  console.log(`\n  http://host.localhost:${server.port}/\n`);
}

await whenMain(import.meta.url, start);
