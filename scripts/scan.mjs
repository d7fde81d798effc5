// The static scan of requirement D41: shipped JavaScript needs nothing that a strict Content-Security-Policy forbids.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const FORBIDDEN = [
  ["eval", /(?<![\w$.])eval\s*\(/],
  ["new Function", /(?<![\w$.])Function\s*\(/],
  ["a timer with source text", /\bset(?:Timeout|Interval)\s*\(\s*["'`]/],
  ["a blob URL", /\bcreateObjectURL\b/],
  ["a worker", /\bnew\s+(?:Shared)?Worker\b/],
  ["inline markup", /\.(?:inner|outer)HTML\s*=[^=]|\binsertAdjacentHTML\b|\bdocument\.write\b/],
  ["an inline style", /\bsetAttribute\s*\(\s*["'`]style["'`]|createElement\s*\(\s*["'`]style["'`]/],
  ["a message to any origin", /\bpostMessage\s*\([^()]*["'`]\*["'`]/],
];

/** What is forbidden in the .js files below `folder`, one sentence a finding. */
export function scan(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".js"));
  if (files.length === 0) return [`${folder} holds no JavaScript`];
  return files.flatMap((file) => {
    const code = readFileSync(path.join(folder, file), "utf8");
    return FORBIDDEN.filter(([, pattern]) => pattern.test(code)).map(([what]) => `${path.join(folder, file)} holds ${what}`);
  });
}
