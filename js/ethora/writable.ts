/** A copy of what a caller gives, of what JSON can hold alone; what it cannot is refused and named: it would be written as `null` or `{}`, or left out, which means something else. */

/** As deep as Rust reads JSON, about. */
const DEEPEST = 100;
/** Half of a character, which is no text for Rust. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Makes the error of what is refused. */
type Refuse = (message: string) => Error;

/** @param name how the value is called. What is read is read once: a getter may give something else the second time. */
export function writable(value: unknown, name: string, refuse: Refuse, depth = 0): unknown {
  if (typeof value === "string" && LONE_SURROGATE.test(value)) throw refuse(`${name} is text with half a character in it`);
  if (typeof value === "number" && !Number.isFinite(value)) throw refuse(`${name} is ${value}: numbers are finite`);
  if (["bigint", "function", "symbol"].includes(typeof value)) {
    throw refuse(`${name} is a ${typeof value}: give text or a number, for instance String(id)`);
  }
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEEPEST) throw refuse(`${name} is nested too deeply, or contains itself`);
  const inner = (entry: unknown, name: string) => writable(entry, name, refuse, depth + 1);
  if (Array.isArray(value)) return listOf(value, name, inner, refuse);
  const written = reading(name, refuse, () => ofItsOwn(value));
  if (written !== value) return inner(written, name);
  const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (kind !== "Object") throw refuse(`${name} is a ${kind}, which JSON cannot hold: give a plain object or a list`);
  const field = (key: string) => {
    if (LONE_SURROGATE.test(key)) throw refuse(`${name} has a field whose name has half a character in it`);
    const path = `${name}.${key}`;
    const entry = reading(path, refuse, () => (value as Readonly<Record<string, unknown>>)[key]);
    return [key, inner(entry, path)] as const;
  };
  return Object.fromEntries(reading(name, refuse, () => Object.keys(value)).map(field));
}

function listOf(list: readonly unknown[], name: string, inner: (entry: unknown, name: string) => unknown, refuse: Refuse): unknown[] {
  // Not map(), which leaves out holes.
  return Array.from({ length: list.length }, (_, index) => {
    const path = `${name}[${index}]`;
    const entry = reading(path, refuse, () => list[index]);
    if (entry === undefined) throw refuse(`${path} is missing: a list has no holes`);
    return inner(entry, path);
  });
}

/** What an object with `toJSON` is written as: a date as text. One that is no date stays, and is refused. */
function ofItsOwn(value: object): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON !== "function" || (value instanceof Date && Number.isNaN(value.getTime()))) return value;
  return toJSON.call(value, "");
}

/** Reads what may be a getter's or a proxy's, which can throw. */
export function reading<T>(name: string, refuse: Refuse, read: () => T): T {
  try {
    return read();
  } catch {
    throw refuse(`${name} cannot be read: its getter has thrown`);
  }
}
