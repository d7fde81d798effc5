/** What a test's XMPP server leaves behind: nothing, also where the program takes no orders, or the process that started it is gone. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test as nodeTest } from "node:test";
import { setInterval } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { launch } from "../e2e/browser.mjs";
import { prosody } from "../servers/prosody.mjs";
import { root } from "./compile.mjs";

const test = (name, body) => nodeTest(name, { timeout: 30_000 }, body);

const folder = mkdtempSync(path.join(tmpdir(), "authframe-unit-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A program that says where it is and that it is ready, as Prosody does; `then` is what it does next. */
function program(name, then) {
  const file = path.join(folder, name);
  const lines = [
    `#!${process.execPath}`,
    'process.on("SIGINT", () => {});',
    `console.log(\`pid \${process.pid}\\nconfig \${process.argv[3]}\\nServing 'websocket'\`);`,
    then,
  ];
  writeFileSync(file, lines.join("\n"));
  chmodSync(file, 0o755);
  return file;
}
const STUBBORN = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
const said = (lines, word) =>
  lines
    .find((line) => line.startsWith(word))
    .slice(word.length)
    .trim();
const isRunning = (pid) => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};
const until = async (test) => {
  if (test()) return;
  for await (const _ of setInterval(20)) if (test()) return;
};

test("a program that does not end when it is asked to is ended by force", async () => {
  const server = await prosody({ path: program("stubborn", STUBBORN), lastPatience: 200 });
  const [pid, config] = [said(server.lines, "pid"), said(server.lines, "config")];
  assert.ok(isRunning(pid) && existsSync(config));
  await server.close();
  assert.deepEqual([isRunning(pid), existsSync(path.dirname(config))], [false, false]);
  // A second time is nothing.
  await server.close();
});

test("one that ends by itself leaves no reader and no folder behind", async () => {
  const server = await prosody({ path: program("short", "setTimeout(() => {}, 1);") });
  const config = said(server.lines, "config");
  await until(() => !existsSync(path.dirname(config)));
  await server.close();
});

test("one that is not there says so, and leaves nothing", async () => {
  await assert.rejects(prosody({ path: path.join(folder, "none") }), /Prosody does not start[\s\S]*ENOENT/);
});

for (const signal of ["SIGINT", "SIGKILL"])
  test(`the process that started it is gone by ${signal}: it ends, and its folder is removed`, async () => {
    const code = `const { prosody } = await import(${JSON.stringify(pathToFileURL(path.join(root, "tests/servers/prosody.mjs")))});
      const server = await prosody({ path: ${JSON.stringify(program(`left-by-${signal}`, STUBBORN))}, lastPatience: 200 });
      console.log(server.lines.join("\\n"));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    for await (const chunk of parent.stdout) {
      output += chunk;
      if (output.includes("Serving")) break;
    }
    const [pid, config] = [said(output.split("\n"), "pid"), said(output.split("\n"), "config")];
    parent.kill(signal);
    await until(() => !isRunning(pid) && !existsSync(path.dirname(config)));
  });

test("a browser test that cannot begin ends the XMPP server that it has begun", async (context) => {
  const taken = createServer();
  await new Promise((resolve) => taken.listen({ port: 0, host: "127.0.0.1" }, resolve));
  context.after(() => taken.close());
  const closed = [];
  const startXmpp = async () => ({ close: async () => closed.push("xmpp") });
  await assert.rejects(launch({ port: taken.address().port, startXmpp }), { code: "EADDRINUSE" });
  assert.deepEqual(closed, ["xmpp"]);
});
