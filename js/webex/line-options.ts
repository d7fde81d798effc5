/** What `line` is given, checked by kind and by name: the wasm takes texts and lists of texts alone. The machine judges what they say. */
import type { LineOptions, Registrar } from "./types.js";

type Test = readonly [(value: unknown) => boolean, string];

const is =
  (...kinds: readonly string[]) =>
  (value: unknown) =>
    kinds.includes(typeof value);
const text: Test = [is("string"), "a text"];
const count: Test = [Number.isSafeInteger, "a whole number"];
const list: Test = [(value) => Array.isArray(value) && value.every(is("string")), "a list of texts"];
const oneOf = (...words: readonly string[]): Test => [(value) => words.includes(value as string), words.join(", ")];
const optional = ([test, meaning]: Test): Test => [(value) => value === undefined || test(value), `${meaning}, or absent`];

const REGISTRAR: Readonly<Record<keyof Registrar, Test>> = {
  primary: list,
  backup: optional(list),
  userId: text,
  clientDeviceUri: text,
};
const OPTIONS: Readonly<Record<keyof LineOptions, Test>> = {
  registrar: [is("object", "function"), "an object or a function"],
  indicator: optional(oneOf("calling", "contactcenter", "guestcalling")),
  domain: optional(text),
  jwe: optional(text),
  deviceLimit: optional(oneOf("report", "replace")),
  retrySlowly: optional([is("boolean"), "true or false"]),
  phoneNumber: optional(text),
  extension: optional(text),
  voicemail: optional(text),
  voicePortalNumber: optional(count),
  voicePortalExtension: optional(count),
};

// Both throw what is wrong: which, what it is, what is meant.
export const checkOptions = (options: LineOptions) => check(options, OPTIONS, "line");
export const checkRegistrar = (registrar: Registrar) => check(registrar, REGISTRAR, "line.registrar");

function check(given: object, tests: Readonly<Record<string, Test>>, of: string): void {
  if (typeof given !== "object" || given === null) throw new Error(`${of} is ${shown(given)}: it is an object`);
  const values = given as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(tests, name)) throw new Error(`${of}.${name} is not known: there are ${Object.keys(tests).join(", ")}`);
  }
  for (const [name, [test, meaning]] of Object.entries(tests)) {
    if (!test(values[name])) throw new Error(`${of}.${name} is ${shown(values[name])}: it is ${meaning}`);
  }
}

const shown = (value: unknown) => (typeof value === "string" ? JSON.stringify(value) : String(value));
