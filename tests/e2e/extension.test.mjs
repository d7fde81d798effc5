/** C22: the page of a browser extension as the host, in a Chromium that has loaded one. */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { until } from "./actors.mjs";
import { findChromium, frameOf, test } from "./browser.mjs";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };
const FEATURES = ["HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "DisableLoadExtensionCommandLineSwitch"];

/** A key, and the ID that Chrome makes of it: the first half of its hash, in letters from a to p. */
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "der" });
const id = createHash("sha256")
  .update(key)
  .digest("hex")
  .slice(0, 32)
  .replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 16)));
const ORIGIN = `chrome-extension://${id}`;

let folder;
let server;
let context;
const site = () => `http://widget.localhost:${server.address().port}`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "authframe-extension-"));
  const extension = join(folder, "extension");
  await mkdir(extension);
  await cp(join(DIST, "host/index.js"), join(extension, "embed.js"));
  await writeFile(
    join(extension, "manifest.json"),
    JSON.stringify({ manifest_version: 3, name: "Host", version: "1", key: key.toString("base64") }),
  );
  await writeFile(
    join(extension, "host.html"),
    `<!doctype html><title>Host</title><script type="module" src="host.js"></script><main></main>`,
  );
  await writeFile(join(extension, "host.js"), `import { embed } from "./embed.js"; window.embed = embed;`);

  server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, site());
    if (pathname.startsWith("/authframe/")) {
      const body = await readFile(join(DIST, pathname.slice("/authframe/".length))).catch(() => null);
      return response.writeHead(body ? 200 : 404, { "content-type": TYPES[extname(pathname)] ?? "text/plain" }).end(body);
    }
    if (pathname === "/widget.js") {
      const options = JSON.stringify({ hosts: [searchParams.get("host")], namespace: "extension" });
      return response
        .writeHead(200, { "content-type": "text/javascript" })
        .end(`import { connect } from "/authframe/index.js"; window.bridge = await connect(${options});`);
    }
    const host = searchParams.get("host");
    // As docs/serving.md says: the header names the same hosts. Here it lets the extension in either way, so that it is authframe that refuses.
    response.writeHead(200, {
      "content-type": "text/html",
      "content-security-policy": `script-src 'self' 'wasm-unsafe-eval'; frame-ancestors ${ORIGIN}`,
    });
    response.end(`<!doctype html><title>Widget</title><script type="module" src="/widget.js?host=${encodeURIComponent(host)}"></script>`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

  context = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: findChromium(),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    ignoreDefaultArgs: ["--disable-extensions"],
    args: [
      `--disable-features=${FEATURES.join(",")}`,
      "--disable-gpu",
      "--disable-sync",
      `--disable-extensions-except=${extension}`,
      `--load-extension=${extension}`,
    ],
  });
});
after(async () => {
  await context?.close();
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** The extension's page, with a widget that allows this host. */
async function hostPage() {
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/host.html`);
  await until(page, () => window.embed);
  return page;
}
const embeds = (page, host, timeoutMs) =>
  page.evaluate(
    async ([src, timeoutMs]) => {
      try {
        window.widget = await window.embed({ container: document.querySelector("main"), src, title: "Chat", timeoutMs });
        return window.widget.connection;
      } catch (error) {
        return error.code;
      }
    },
    [`${site()}/?host=${encodeURIComponent(host)}`, timeoutMs],
  );

test("C22: an extension's page that is listed is a host as every other: handshake, identity, session", async () => {
  const page = await hostPage();
  assert.equal(await embeds(page, ORIGIN, 15_000), "connected");
  const frame = await frameOf(page, site());
  assert.deepEqual(await frame.evaluate(() => [...location.ancestorOrigins]), [ORIGIN], "it is written as the browser writes it");
  await page.evaluate(() => window.widget.setIdentity({ account: { subject: "ada" } }));
  await until(frame, () => window.bridge.session.account?.subject === "ada");
  await until(page, () => window.widget.session.account?.subject === "ada");
  await page.close();
});

test("C22: another extension's name in the list lets this one not in", async () => {
  const page = await hostPage();
  assert.equal(await embeds(page, `chrome-extension://${"a".repeat(32)}`, 2000), "HANDSHAKE_TIMEOUT");
  await page.close();
});
