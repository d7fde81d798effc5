/** A React integration written from the vendor's documentation, bundled with esbuild and served by a server of its own, below a host that answers. */
import assert from "node:assert/strict";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { until } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";

const lab = browserForThisFile();
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SOURCE = fileURLToPath(new URL("xbees-react/", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

// The server puts the demo's host in its place, whose port is known only then.
const BUILT = "https://built.example";

let folder;
let server;
const site = () => `http://react.localhost:${server.address().port}`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "authframe-react-"));
  await build({
    entryPoints: [join(SOURCE, "app.jsx")],
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
    const index = pathname === "/" || pathname === "/no-meta";
    const body = await readFile(index ? join(SOURCE, "index.html") : join(folder, pathname.slice(1))).catch(() => null);
    if (!body) return response.writeHead(404).end();
    const headers = { "content-type": TYPES[index ? ".html" : extname(pathname)] ?? "text/plain" };
    headers["content-security-policy"] =
      `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:; frame-ancestors ${lab.origin("host")}`;
    response.writeHead(200, headers).end(served(pathname, body));
  });
  const served = (pathname, body) => {
    if (pathname === "/no-meta") return String(body).replace(/<meta name="authframe-hosts".*>/, "");
    return extname(pathname) === ".wasm" ? body : String(body).replace("{{host}}", lab.origin("host")).replace(BUILT, lab.origin("host"));
  };
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});

/** In a page: a host that answers as the vendor documents it, and writes down the types that it receives. */
function answeringHost() {
  window.received = [];
  addEventListener("message", ({ data: { type, payload }, ports, source }) => {
    window.received.push({
      type,
      payload,
      frame: [...document.querySelectorAll("iframe")].findIndex((frame) => frame.contentWindow === source),
    });
    const answers = { xBeesThemeMode: "dark", xBeesContext: { contact: { email: "emmy@example.com" } } };
    ports[0].postMessage({ type, payload: answers[type] });
  });
}
const hostPage = async () => {
  const page = await lab.lab("host", "/frame-src/any/lab");
  await page.evaluate(answeringHost);
  return page;
};
const open = async (page, variant, path = "/") => {
  const element = await page.evaluateHandle((src) => {
    const frame = document.createElement("iframe");
    frame.src = src;
    document.getElementById("stage").append(frame);
    return frame;
  }, `${site()}${path}?iframeId=1&variant=${variant}`);
  return element.contentFrame();
};
const statuses = (page, frame = 0) =>
  page.evaluate(
    (frame) => window.received.filter((post) => post.frame === frame && /Authorized$/.test(post.type)).map(({ type }) => type),
    frame,
  );
const hears = (page, type, frame = 0) =>
  until(
    page,
    ([type, frame]) => window.received.filter((post) => post.frame === frame && /Authorized$/.test(post.type)).at(-1)?.type === type,
    [type, frame],
  );
const postToWidget = (page, message, frame = 0) =>
  page.evaluate(
    ([frame, message, origin]) => document.querySelectorAll("iframe")[frame].contentWindow.postMessage(message, origin),
    [frame, message, site()],
  );

test("it runs: ready, signed out, theme and context, a sign-in, contacts, a call, a logout; in the info-frame and the daemon", async () => {
  const page = await hostPage();
  const frame = await open(page, "info-frame");
  await frame.getByRole("heading", { name: "Welcome" }).waitFor();
  await hears(page, "xBeesNotAuthorized");
  assert.equal((await page.evaluate(() => window.received.filter(({ type }) => type === "xBeesReady"))).length, 1);
  await frame.getByText("Contact: emmy@example.com").waitFor();
  assert.equal(await frame.locator("main").getAttribute("data-mode"), "dark");
  await open(page, "daemon");
  await hears(page, "xBeesNotAuthorized", 1);

  await press(frame.getByRole("button", { name: "Sign in" }));
  await frame.getByRole("heading", { name: "Hello, Ada Lovelace" }).waitFor();
  for (const place of [0, 1]) await hears(page, "xBeesAuthorized", place);
  await postToWidget(page, { type: "xBeesGetContactsAutoSuggest", payload: "noeth" });
  await until(page, () => window.received.some(({ type }) => type === "xBeesContactsAutoSuggest"));
  const { payload } = await page.evaluate(() => window.received.find(({ type }) => type === "xBeesContactsAutoSuggest"));
  assert.deepEqual(payload, { contacts: [{ id: "1", name: "Emmy Noether", email: "emmy@example.com", phone: "+491" }], query: "noeth" });
  await press(frame.getByRole("button", { name: "Call" }));
  await until(page, () => window.received.some(({ type, payload }) => type === "xBeesStartCall" && payload.phoneNumber === "+491"));
  await postToWidget(page, { type: "xBeesUseTheme", payload: { mode: "light" } });
  await until(frame, () => document.querySelector("main").dataset.mode === "light");

  // The host logs the user out at the daemon; the visible instance learns of it from there.
  await postToWidget(page, { type: "xBeesLogout" }, 1);
  for (const place of [0, 1]) await hears(page, "xBeesNotAuthorized", place);
  await frame.getByRole("heading", { name: "Welcome" }).waitFor();
});

test("a page that names no host takes the list of the build", async () => {
  const page = await hostPage();
  const frame = await open(page, "info-frame", "/no-meta");
  await frame.getByRole("heading", { name: "Welcome" }).waitFor();
  await hears(page, "xBeesNotAuthorized");
});

test("the next visit, also with what the vendor's library had stored: signed in, and the first status says so", async () => {
  const page = await hostPage();
  const frame = await open(page, "info-frame");
  await hears(page, "xBeesNotAuthorized");
  // As the vendor's library stores it, and nothing of ours.
  await frame.evaluate(() => {
    localStorage.clear();
    localStorage.setItem("user", JSON.stringify({ name: "Grace Hopper", email: "grace@example.com" }));
  });
  await page.close();
  const later = await hostPage();
  const again = await open(later, "info-frame");
  await again.getByRole("heading", { name: "Hello, Grace Hopper" }).waitFor();
  await hears(later, "xBeesAuthorized");
  const last = await hostPage();
  await open(last, "info-frame");
  await hears(last, "xBeesAuthorized");
  const all = await statuses(last);
  assert.ok(
    all.every((type) => type === "xBeesAuthorized"),
    `${all}: now the bridge knows it by itself`,
  );
});
