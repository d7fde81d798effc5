/**
 * `npm run bench`: authframe beside the browser's own primitives and beside what else there is for the same purpose, all in one run of one Chromium. `--quick`: fewer rounds.
 * `--write`: also puts the table between the marks in README.md.
 *
 * Host and widget are of different sites, so the frame is a process of its own. The contestants take turns in every round, in an order that changes, and the first round is thrown away.
 * What is compared is compared within a round; the median of all rounds stands in the table. So a machine that is busy for a while delays both sides alike.
 *
 *   handshake     from the frame's insertion until the host's `connect()` has resolved, files from the cache
 *   cold          the same with files that are fetched and compiled anew
 *   round trip    a question of the host's and its answer, one after the other
 *   burst         that many messages without waiting, until the widget has counted them
 *   tabs          from a change in one tab until the last of the others has learned of it; beside a raw storage event. The tabs are those of a window: all but the one that makes the change are
 *                 hidden, and the browser treats them as it treats a user's
 *
 * authframe's page names its files early, as docs/serving.md says; the others have none to name but the one script.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { brotliCompressSync, constants as zlib } from "node:zlib";
import * as esbuild from "esbuild";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";
import { build } from "../scripts/build.mjs";
import { Failure, root, say, whenMain } from "../scripts/common.mjs";
import { setup } from "../scripts/setup.mjs";

const CONTESTANTS = ["raw", "port", "authframe", "penpal", "comlink"];
const NAMES = { raw: "raw `postMessage`", port: "raw `MessagePort`", authframe: "**authframe**", penpal: "penpal", comlink: "comlink" };
const TABS = [2, 10, 30];
const here = (file) => path.join(root, "benches", file);
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const shuffled = (list) =>
  list
    .map((each) => [Math.random(), each])
    .sort(([a], [b]) => a - b)
    .map(([, each]) => each);

/** Every script by its path: bundled for that contestant alone. */
async function scripts() {
  const files = new Map();
  const sizes = {};
  const aliases = { authframe: path.join(root, "dist/index.js"), "authframe/host": path.join(root, "dist/host/index.js") };
  const plugins = [
    { name: "own", setup: (own) => own.onResolve({ filter: /^authframe(\/host)?$/ }, ({ path: name }) => ({ path: aliases[name] })) },
  ];
  const bundle = async (name, contents) => {
    const { outputFiles } = await esbuild.build({
      stdin: { contents, resolveDir: here(".") },
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      write: false,
      splitting: true,
      outdir: "/out",
      plugins,
      logLevel: "error",
    });
    for (const { path: file, contents } of outputFiles)
      files.set(`/${name}/${file.replace("/out/", "").replace("stdin.js", "main.js")}`, Buffer.from(contents));
    return Buffer.from(outputFiles.find(({ path: file }) => file.endsWith("stdin.js")).contents);
  };
  const small = (content) => brotliCompressSync(content, { params: { [zlib.BROTLI_PARAM_QUALITY]: 11 } }).length;
  for (const each of CONTESTANTS) {
    const host = await bundle(`${each}/host`, `export * from "./contestants/${each}/host.js";`);
    const widget = await bundle(
      `${each}/widget`,
      `import { serve } from "./contestants/${each}/widget.js"; let count = 0; serve({ origin: new URLSearchParams(location.search).get("host"), ask: value => value === "count" ? count : value, send: () => void count++ });`,
    );
    sizes[each] = [small(host), small(widget) + (each === "authframe" ? small(readFileSync(path.join(root, "dist/authframe.wasm"))) : 0)];
  }
  await bundle("tabs", 'import { start } from "./tabs.js"; start();');
  const wasm = readFileSync(path.join(root, "dist/authframe.wasm"));
  for (const folder of ["authframe/widget", "tabs"]) files.set(`/${folder}/authframe.wasm`, wasm);
  return { files, sizes };
}

/** `Loading early` of docs/serving.md. */
const early = (folder) =>
  `<link rel="modulepreload" href="${folder}/main.js"><link rel="preload" href="${folder}/authframe.wasm" as="fetch" type="application/wasm" crossorigin>`;

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", "": "text/html; charset=utf-8" };

async function serve(files) {
  const answer = (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    // A part of the path that is new each time: nothing of it is in a cache.
    const [, fresh, name] = /^(\/fresh-\d+)?(\/.*)$/.exec(pathname);
    const page = /^\/(host|tabs|[a-z]+\/page)$/.exec(name);
    const folder = `${fresh ?? ""}/${name === "/tabs" ? "tabs" : name.replace("page", "widget").slice(1)}`;
    const body = page
      ? `<!doctype html><title>bench</title>${name === "/authframe/page" ? early(folder) : ""}<div id="stage"></div>${name === "/host" ? "" : `<script type="module" src="${folder}/main.js"></script>`}`
      : files.get(name);
    if (body === undefined) return response.writeHead(404).end();
    const wants = /\bbr\b/.test(request.headers["accept-encoding"] ?? "") && !page;
    const content = wants ? compressed(name, body) : body;
    response.writeHead(200, {
      "content-type": TYPES[page ? "" : path.extname(name)],
      "cache-control": fresh || searchParams.has("raw") ? "no-store" : page ? "no-cache" : "max-age=3600",
      ...(wants ? { "content-encoding": "br" } : {}),
      // Timers of five microseconds.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "cross-origin-resource-policy": "cross-origin",
    });
    response.end(content);
  };
  const kept = new Map();
  const compressed = (name, body) => kept.get(name) ?? kept.set(name, brotliCompressSync(body)).get(name);
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** In the host's page: one connection, and what was measured of it. */
async function once({ module, src, origin, asks, burst }) {
  const { connect } = await import(module);
  const container = document.getElementById("stage");
  const start = performance.now();
  const widget = await connect({ src, origin, container });
  const connected = performance.now() - start;
  const trips = [];
  for (let n = 0; n < asks; n++) {
    const begun = performance.now();
    await widget.ask(n);
    trips.push(performance.now() - begun);
  }
  let burstTime = null;
  if (burst) {
    const begun = performance.now();
    for (let n = 0; n < burst; n++) void widget.send(n);
    while ((await widget.ask("count")) < burst);
    burstTime = performance.now() - begun;
  }
  widget.close();
  return { connected, trip: trips.sort((a, b) => a - b)[Math.floor(trips.length / 2)] ?? null, burst: burstTime };
}

export async function bench({ quick = false, write = false } = {}) {
  await build();
  const { chrome } = await setup({ browser: true });
  const { files, sizes } = await scripts();
  const server = await serve(files);
  const at = (name) => `http://${name}.localhost:${server.address().port}`;
  const browser = await chromium.launch({
    executablePath: chrome,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--site-per-process"],
  });
  const rounds = quick ? 5 : 25;
  const results = Object.fromEntries(CONTESTANTS.map((each) => [each, { handshake: [], cold: [], trip: [], burst: [] }]));
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${at("host")}/host`);
    // The widget's process stays, so that its start is measured for nobody.
    await page.evaluate(
      (src) =>
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.onload = resolve;
          frame.src = src;
          document.body.append(frame);
        }),
      `${at("widget")}/host`,
    );
    say(`${rounds} rounds of connections`);
    for (let round = 0; round <= rounds; round++) {
      for (const each of shuffled(CONTESTANTS)) {
        const wish = { module: `${at("host")}/${each}/host/main.js`, origin: at("widget"), asks: 100, burst: 1000 };
        const query = `?host=${encodeURIComponent(at("host"))}`;
        const warm = await page.evaluate(once, { ...wish, src: `${at("widget")}/${each}/page${query}` });
        const cold = await page.evaluate(once, {
          ...wish,
          asks: 0,
          burst: 0,
          src: `${at("widget")}/fresh-${round}${CONTESTANTS.indexOf(each)}/${each}/page${query}`,
        });
        if (round === 0) continue;
        results[each].handshake.push(warm.connected);
        results[each].cold.push(cold.connected);
        results[each].trip.push(warm.trip);
        results[each].burst.push(warm.burst);
      }
    }
    await page.close();
    const tabs = await acrossTabs(chrome, at, quick ? 10 : 60);
    const table = shown(results, sizes, tabs);
    console.log(`\n${table}\n`);
    if (write) putIntoReadme(table);
  } finally {
    await browser.close();
    server.close();
  }
}

/** @returns for each number of tabs: the median of the ratios, and how many writes a change took */
async function acrossTabs(chrome, at, changes) {
  // Not Playwright: it keeps all pages visible.
  const slow = ["--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding"];
  const browser = await puppeteer.launch({
    executablePath: chrome,
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--site-per-process"],
    ignoreDefaultArgs: slow,
  });
  const found = [];
  for (const count of TABS) {
    say(`${count} tabs`);
    // A window and a storage of its own. The newest tab is the one that is seen.
    const open = async (query) => {
      const context = await browser.createBrowserContext();
      const pages = [];
      for (let n = 0; n < count; n++) {
        const page = await context.newPage();
        await page.goto(`${at("widget")}/tabs${query}`);
        await page.waitForFunction(() => window.ready, { polling: 20 });
        pages.unshift(page);
      }
      return pages;
    };
    const groups = { raw: await open("?raw"), authframe: await open("") };
    const ratios = [];
    let writes = 0;
    for (let n = 0; n <= changes; n++) {
      const times = {};
      for (const name of shuffled(["raw", "authframe"])) {
        const [first, ...others] = groups[name];
        for (const page of others) await page.evaluate(() => void (window.learned = new Promise((resolve) => (window.learn = resolve))));
        const start = await first.evaluate((n) => window.change(n), n);
        times[name] = Math.max(...(await Promise.all(others.map((page) => page.evaluate(() => window.learned))))) - start;
      }
      if (n > 0) ratios.push(times.authframe / times.raw);
    }
    for (const page of groups.authframe) writes += await page.evaluate(() => window.writes);
    found.push({ count, ratio: median(ratios), writes: writes / (changes + 1) });
    for (const [page] of Object.values(groups)) await page.browserContext().close();
  }
  await browser.close();
  return found;
}

function shown(results, sizes, tabs) {
  const ratio = (each, what, to) => median(results[each][what].map((value, at) => value / results[to][what][at])).toFixed(2);
  const rows = CONTESTANTS.map((each) => {
    const cells = ["handshake", "cold", "trip", "burst"].map((what) =>
      each === "raw" ? `1 (${median([...results.raw[what]]).toFixed(what === "trip" ? 3 : 1)} ms)` : ratio(each, what, "raw"),
    );
    return `| ${[NAMES[each], ...cells, ...(/raw|port/.test(each) ? ["", ""] : sizes[each].map((size) => size.toLocaleString("en")))].join(" | ")} |`;
  });
  return [
    "| × raw `postMessage`, one run | handshake | cold start | round trip | burst of 1,000 | host, bytes | widget, bytes |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    `The round trip is ${ratio("authframe", "trip", "port")} × a raw \`MessagePort\`, which is the budget's unit (1.2). A change reaches the last of ${tabs.map(({ count }) => count).join(" / ")} tabs in ${tabs.map(({ ratio }) => ratio.toFixed(2)).join(" / ")} × the time of a raw storage event, with ${tabs.map(({ writes }) => writes.toFixed(2)).join(" / ")} writes a change.`,
  ].join("\n");
}

function putIntoReadme(table) {
  const file = path.join(root, "README.md");
  const text = readFileSync(file, "utf8");
  const [begin, end] = ["<!-- bench:begin -->", "<!-- bench:end -->"];
  if (!text.includes(begin)) throw new Failure("README.md has no marks for the table of the benchmark.");
  writeFileSync(file, text.slice(0, text.indexOf(begin) + begin.length) + `\n${table}\n` + text.slice(text.indexOf(end)));
}

await whenMain(import.meta.url, () => bench({ quick: process.argv.includes("--quick"), write: process.argv.includes("--write") }));
