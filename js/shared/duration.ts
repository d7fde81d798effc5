/** What is wrong with a duration that an application gives, and how a value is shown, in words. Part of widget/advice.ts and host/advice.ts, which is loaded when something is. */
import { isDuration } from "./fits.js";

/** What is wrong with a duration, in words; `undefined` if nothing is. */
export function durationProblem(name: string, given: unknown, most: number, least = 1): string | undefined {
  if (isDuration(given, most, least)) return undefined;
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
