/** Builds an example backend and runs it on a free port, as its README says. */
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { must, root, say } from "../../scripts/common.mjs";

const TARGET = path.resolve(root, process.env.CARGO_TARGET_DIR || "target");

/**
 * @param name the folder in examples/
 * @param settings the environment variables that it is configured by; it gets no others
 * @returns `call(path, init)`, which is `fetch` of the backend, and `close()`
 */
export async function runBackend(name, settings) {
  say(`building examples/${name}`);
  await must("The example was not built: see the message above.", "cargo", [
    "build",
    "--locked",
    "--manifest-path",
    path.join("examples", name, "Cargo.toml"),
    "--target-dir",
    TARGET,
  ]);
  const child = spawn(path.join(TARGET, "debug", `authframe-example-${name}`), {
    env: { ...settings, PORT: "0", SystemRoot: process.env.SystemRoot ?? "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const address = await Promise.race([addressOf(child), ended.then((code) => Promise.reject(new Error(`${name} ended with ${code}`)))]);
  return {
    call: (path, init) => fetch(`http://${address}${path}`, init),
    async close() {
      child.kill();
      await ended;
    },
  };
}

/** From its first line, `listening on 127.0.0.1:40123`. */
async function addressOf(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^listening on (\S+)$/.exec(line);
    if (found) return found[1];
  }
  throw new Error("it has not said where it listens");
}
