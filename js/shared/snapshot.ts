import { isObject } from "./input-check.js";
import { field } from "./read.js";

/**
 * What an application has given, each property read once: what is checked is what is used, whatever becomes of the object meanwhile, and whatever its getters say the next time. What is no object is given back.
 * @param known what may be in it, inherited or its own; anything else is copied so that it can be refused
 */
export function snapshot<T>(given: T, known: readonly string[]): T {
  if (!isObject(given)) return given;
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  // Properties of its own, where an assignment would call a setter that the page has put on Object.prototype.
  return Object.fromEntries([
    ...known.map((name) => [name, (given as Record<string, unknown>)[name]] as const),
    ...unknown.map((name) => [name, field(given, name)] as const),
  ]) as T;
}
