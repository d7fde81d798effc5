/** `@xmpp/client` from npm as a browser takes it: in one file, made when it is first asked for. A site of yours has a bundler for this. */
import { fileURLToPath } from "node:url";

let made;

/** Resolves with the file. */
export const xmppClient = () => (made ??= bundle());

/** What it asks of Node (DNS) is for servers: a browser connects by WebSocket, to an address that it is given. */
const withoutNode = {
  name: "without-node",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "nothing" }));
    build.onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "export default {};" }));
  },
};

async function bundle() {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "@xmpp/client";', resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "browser",
    plugins: [withoutNode],
    logLevel: "silent",
  });
  return Buffer.from(outputFiles[0].contents);
}
