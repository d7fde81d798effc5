// What all scripts share: saying what happens, running programs, and ending with one clear sentence instead of a stack.
// Node builtins only: it is loaded before the packages are installed.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const windows = process.platform === "win32";

/** A failure whose message says all that the reader needs. */
export class Failure extends Error {}

export function say(text) {
  console.log(`· ${text}`);
}

const running = new Set();

/**
 * Runs a program, its output streaming through, and resolves with its exit code.
 * With `onOutput` every piece of output is also handed to that function; with `quiet` it is shown only if the program fails.
 * Beyond `timeoutMs` the program and its children are ended, and the code is 124.
 */
export function run(command, args, { cwd = root, env = {}, timeoutMs, onOutput, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const output = onOutput || quiet ? "pipe" : "inherit";
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", output, output],
      // A process group of its own, so that its children end with it.
      detached: !windows,
      // npm is a .cmd file there, which only a shell starts.
      shell: windows && command === "npm",
    });
    running.add(child);
    let held = "";
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from?.setEncoding("utf8").on("data", (text) => {
        if (quiet) held += text;
        else to.write(text);
        onOutput?.(text);
      });
    }
    let late = false;
    const timer =
      timeoutMs &&
      setTimeout(() => {
        late = true;
        say(`${command} took longer than ${Math.round(timeoutMs / 60_000)} minutes and is ended`);
        end(child, "SIGTERM");
        setTimeout(() => end(child, "SIGKILL"), 10_000).unref();
      }, timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.on("error", (error) => {
      settle();
      reject(error.code === "ENOENT" ? new Failure(`The program ${command} was not found.`) : error);
    });
    child.on("close", (code) => {
      settle();
      if (code !== 0) process.stderr.write(held);
      resolve(late ? 124 : (code ?? 1));
    });
  });
}

/** Like `run`, but anything else than success is a Failure with this sentence. */
export async function must(sentence, command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) throw new Failure(sentence);
}

/** What a program prints, or `null` if it cannot be run or fails. For quick questions only: it blocks. */
export function ask(command, args) {
  const answer = spawnSync(command, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 30_000 });
  return answer.status === 0 ? answer.stdout.trim() : null;
}

/** The full path of the first of these programs that is on PATH, or `null`. */
export function findOnPath(...names) {
  const endings = windows ? [".exe", ".cmd"] : [""];
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
      for (const ending of endings) {
        const file = path.join(folder, name + ending);
        if (folder && isProgram(file)) return file;
      }
    }
  }
  return null;
}

export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Calls `action` if the module with this `import.meta.url` is the one that node was started with. */
export async function whenMain(url, action) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== realpathSync(fileURLToPath(url))) return;
  try {
    await action();
  } catch (error) {
    console.error(`\n${error instanceof Failure ? error.message : (error.stack ?? error)}`);
    process.exitCode = 1;
  }
}

function end(child, signal) {
  try {
    if (windows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    for (const child of running) end(child, signal);
    process.exit(130);
  });
}
