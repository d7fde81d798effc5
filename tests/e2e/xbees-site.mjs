/** An integration as it is published: bundled with esbuild, served by a server of its own, below a host page of another site. */
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
// The server puts the demo's host in its place, whose port is known only then.
const BUILT = "https://built.example";

/**
 * @param lab as `browserForThisFile()` gives it
 * @param {Record<string, {from: string, html: (host: string) => string | Promise<string>}>} pages by their paths: the script of each, and its page
 */
export function integrationSite(lab, pages) {
  let folder;
  let server;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "authframe-integration-"));
    await build({
      entryPoints: [...new Set(Object.values(pages).map(({ from }) => from))],
      outdir: folder,
      bundle: true,
      splitting: true,
      format: "esm",
      target: "es2022",
      jsx: "automatic",
      // The host list of the build counts where a page names none.
      define: { "process.env.NODE_ENV": '"production"', AUTHFRAME_HOSTS: JSON.stringify(BUILT) },
      logLevel: "warning",
    });
    // docs/serving.md: esbuild does not follow the address of a wasm file.
    const dist = join(ROOT, "dist");
    for (const file of await readdir(dist)) if (file.endsWith(".wasm")) await copyFile(join(dist, file), join(folder, file));
    server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url, "http://localhost");
      const page = Object.hasOwn(pages, pathname) ? pages[pathname] : null;
      const body = page ? await page.html(lab.origin("host")) : await readFile(join(folder, pathname.slice(1))).catch(() => null);
      if (!body) return response.writeHead(404).end();
      const headers = { "content-type": TYPES[page ? ".html" : extname(pathname)] ?? "text/plain" };
      headers["content-security-policy"] =
        `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:; frame-ancestors ${lab.origin("host")}`;
      response.writeHead(200, headers).end(extname(pathname) === ".js" ? String(body).replace(BUILT, lab.origin("host")) : body);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  });

  const site = () => `http://react.localhost:${server.address().port}`;
  return {
    site,
    /** Puts an instance into a host page. */
    async open(page, variant, path = "/", query = "") {
      const element = await page.evaluateHandle((src) => {
        const frame = document.createElement("iframe");
        frame.src = src;
        document.getElementById("stage").append(frame);
        return frame;
      }, `${site()}${path}?iframeId=1&variant=${variant}${query}`);
      return element.contentFrame();
    },
    postToWidget: (page, message, frame = 0) =>
      page.evaluate(
        ([frame, message, origin]) => document.querySelectorAll("iframe")[frame].contentWindow.postMessage(message, origin),
        [frame, message, site()],
      ),
  };
}
