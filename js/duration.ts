/** Durations that an application gives, in both halves: finite, in milliseconds, within a stated range. */

/** A browser's timer cannot be longer (a signed number of 32 bits): it would fire at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** What is wrong with a duration, in words; `undefined` if nothing is. */
export function durationProblem(name: string, given: unknown, most: number, least = 1): string | undefined {
  if (typeof given === "number" && given >= least && given <= most) return undefined;
  const range = `${least} to ${most} milliseconds`;
  const hint = given === Infinity ? `: for "as long as possible" give ${most}` : "";
  return `${name} is ${shown(given)}: give ${range}${hint}`;
}

/** How a value that was given is shown in an error. Never more than a short piece of it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
