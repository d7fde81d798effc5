/** What is wrong with a duration that an application gives, in words. Part of widget/advice.ts and host/advice.ts, which is loaded when something is. */
import { isDuration } from "./input-check.js";
import { shown } from "./shown.js";

/** What is wrong with a duration, in words; `undefined` if nothing is. */
export function durationProblem(name: string, given: unknown, most: number, least = 1): string | undefined {
  if (isDuration(given, most, least)) return undefined;
  const range = `${least} to ${most} milliseconds`;
  const hint = given === Infinity ? `: for "as long as possible" give ${most}` : "";
  return `${name} is ${shown(given)}: give ${range}${hint}`;
}
