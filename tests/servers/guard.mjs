/**
 * Runs a program as long as the process that started this one wants it: `node guard.mjs FOLDER MILLISECONDS PROGRAM ARGUMENT…`. It ends the program, by force after so many milliseconds, when its
 * standard input ends (also because that process is gone) or when it is stopped itself; then it removes the folder.
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";

const [folder, patience, program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });

let isStopping = false;
function stop() {
  if (isStopping) return;
  isStopping = true;
  // Node sends nothing to a child that has ended: its id may be another program's by then.
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), Number(patience)).unref();
}

function end(code) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.exit(code);
}

// Ctrl+C goes to all programs of a terminal.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
process.stdin.on("end", stop).on("error", stop).resume();
child.on("error", (error) => {
  console.error(error.message);
  end(1);
});
child.on("exit", (code) => end(code ?? 1));
