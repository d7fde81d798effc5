/**
 * D50: pages that the browser prepares before a user has asked for them. A driven Chromium does not finish that, so this one is started with an address and left alone: its pages say by requests
 * what they live through.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium, firefox, test as inAnyBrowser } from "./browser.mjs";

const test = firefox ? () => {} : inAnyBrowser;
const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

/** What every page begins with: `say(word)` reaches the test in order, and `prepare(path)` has a page prerendered. */
const BEGIN = `
  let last = Promise.resolve();
  const say = (word) => (last = last.then(() => fetch("/said", { method: "POST", body: word + (document.prerendering ? " (prerendering)" : "") })));
  const prepare = (address) => {
    const rules = document.createElement("script");
    rules.type = "speculationrules";
    rules.textContent = JSON.stringify({ prerender: [{ source: "list", urls: [address], eagerness: "immediate" }] });
    document.head.append(rules);
  };
  const announced = (word) => fetch("/announced?" + word);
`;

/**
 * Opens `/first` of host.localhost and waits until some page says "end".
 * @param {Record<string, string>} pages modules by path
 * @returns all that was said; `announced` of a page resolves when a page has said that word
 */
async function play(pages) {
  const said = [];
  const waiting = new Set();
  let end;
  const ended = new Promise((resolve) => (end = resolve));
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url, "http://localhost");
    if (pathname === "/said") {
      let word = "";
      for await (const chunk of request) word += chunk;
      said.push(word);
      for (const look of [...waiting]) look();
      if (word === "end") end();
      return response.writeHead(204).end();
    }
    if (pathname === "/announced") {
      const look = () => said.includes(decodeURIComponent(search.slice(1))) && waiting.delete(look) && response.writeHead(204).end();
      waiting.add(look);
      return look();
    }
    const body = pages[pathname]
      ? `<!doctype html><title>page</title><div id="stage"></div><script type="module">${BEGIN}${pages[pathname].replaceAll("PORT", server.address().port)}</script>`
      : await readFile(path.join(DIST, pathname)).catch(() => null);
    if (body === null) return response.writeHead(404).end();
    return response.writeHead(200, { "content-type": TYPES[path.extname(pathname)] ?? "text/html; charset=utf-8" }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const profile = await mkdtemp(path.join(tmpdir(), "authframe-prerender-"));
  const flags = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--user-data-dir=${profile}`,
  ];
  if (process.getuid?.() === 0) flags.push("--no-sandbox");
  const browser = spawn(findChromium(), [...flags, `http://host.localhost:${server.address().port}/first`], { stdio: "ignore" });
  const gone = new Promise((resolve) => browser.on("exit", resolve));
  const late = setTimeout(end, 45_000);
  try {
    await ended;
    return said;
  } finally {
    clearTimeout(late);
    browser.kill();
    await gone;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const WIDGET = `
  const { connect } = await import("/index.js");
  const acquire = async ({ reason }) => {
    await say("acquire " + reason);
    return { account: { subject: "grace" }, accessToken: "new", expiresIn: 3600 };
  };
`;

test("D50 a prerendered page asks for no token and shows nobody; once it is shown it knows what happened meanwhile", async () => {
  const said = await play({
    "/first": `${WIDGET}
      const bridge = await connect({ hosts: ["https://nobody.example"], acquire });
      await bridge.authorize({ account: { subject: "ada" }, accessToken: "old", expiresIn: 2 });
      prepare("/second");
      await announced("connecting (prerendering)");
      // The token is renewed here, a quarter of its life before its end, and another user signs in.
      await announced("acquire refresh");
      await bridge.authorize({ account: { subject: "grace" }, accessToken: "of grace", expiresIn: 3600 });
      await say("leaving");
      location.href = "/second";
    `,
    "/second": `${WIDGET}
      await say("connecting");
      const bridge = await connect({ hosts: ["https://nobody.example"], acquire });
      await say("connected");
      bridge.subscribe(({ status, account }) => {
        say(status + " " + account?.subject);
        if (status === "authorized") say("end");
      });
    `,
  });
  assert.equal(said.at(-1), "end", said.join(", "));
  assert.deepEqual(
    said.filter((word) => word.endsWith("(prerendering)")),
    ["connecting (prerendering)"],
  );
  const shown = said.slice(said.indexOf("leaving") + 1);
  for (const word of ["connected", "acquire restore", "authorized grace"]) assert.ok(shown.includes(word), said.join(", "));
  assert.ok(!said.some((word) => word.includes("ada")));
});

test("D50 embed() in a prerendered page waits for the widget, whose frame loads when the page is shown", async () => {
  const said = await play({
    "/first": `
      prepare("/second");
      await announced("embedding (prerendering)");
      // Longer than the other page's patience.
      setTimeout(async () => {
        await say("leaving");
        location.href = "/second";
      }, 2500);
    `,
    "/second": `
      const { embed } = await import("/host/index.js");
      await say("embedding");
      const embedding = embed({ container: document.getElementById("stage"), src: "http://widget.localhost:PORT/widget", timeoutMs: 2000 });
      await say(await embedding.then(() => "embedded", (error) => error.code));
      await say("end");
    `,
    "/widget": `${WIDGET}
      await connect({ hosts: ["http://host.localhost:PORT"], acquire });
    `,
  });
  assert.deepEqual(said, ["embedding (prerendering)", "leaving", "embedded", "end"]);
});
