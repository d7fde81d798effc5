/**
 * From where a wasm file comes to a compiled module, and what to say where it does not. Nothing here knows which file it is: `load.ts` does. Part of advice.ts.
 * Each cause that is named is tested for; where several are left, the text names them all.
 */
import { AuthframeError } from "../../shared/error.js";

/** A response, or a promise of one; the bytes; or what is compiled already. */
export type Compilable = Response | PromiseLike<Response> | BufferSource | WebAssembly.Module;

// The smallest module there is.
const EMPTY = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

const TYPE = "application/wasm";
const ADVICE = "Serve the wasm file of this version beside index.js, or pass its address as wasm (docs/serving.md)";

export const failed = (what: string, cause?: unknown): AuthframeError =>
  new AuthframeError("WASM_LOAD_FAILED", `${what}. ${ADVICE}.`, "network", cause);

/**
 * Why this page can run no wasm at all, if so.
 *
 * An instance of the empty module needs nothing but the permission, in every browser. The module alone would not do: WebKit makes one under a policy
 * that forbids wasm, and then refuses the instance.
 */
export function obstacle(): AuthframeError | undefined {
  if (typeof WebAssembly !== "object") {
    const text =
      "This browser has no WebAssembly. A mode that hardens it takes it away, such as Apple's Lockdown Mode: the user can except this site from it, or use another browser.";
    return new AuthframeError("WASM_UNSUPPORTED", text, "user");
  }
  try {
    new WebAssembly.Instance(new WebAssembly.Module(EMPTY));
  } catch (cause) {
    // Where memory is short, that is no policy's doing.
    if (cause instanceof RangeError) return failed(`The browser is too short of memory for WebAssembly (${cause})`, cause);
    return new AuthframeError(
      "WASM_BLOCKED_BY_CSP",
      "The Content-Security-Policy of the widget's page forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src.",
      "app",
      cause,
    );
  }
  return undefined;
}

/** Rejects with `WASM_LOAD_FAILED`, or `CONFIG_INVALID` for what is no source of wasm. */
export async function compile(source: string | URL | Compilable): Promise<WebAssembly.Module> {
  const address = typeof source === "string" || source instanceof URL ? String(source) : undefined;
  const given: unknown = await (address === undefined ? awaited(source as Compilable) : ask(address));
  // By their names: they may come from another frame, whose classes are others.
  if (isA<WebAssembly.Module>(given, "WebAssembly.Module")) return given;
  if (isA<ArrayBuffer>(given, "ArrayBuffer") || ArrayBuffer.isView(given))
    return fromBytes(given as BufferSource, "wasm is given as bytes");
  if (isA<Response>(given, "Response")) return fromResponse(given, address);
  throw new AuthframeError(
    "CONFIG_INVALID",
    `wasm is ${kindOf(given)}: it may be an address, a Response or a promise of one, the bytes, or a WebAssembly.Module`,
    "app",
  );
}

async function awaited(source: Compilable): Promise<unknown> {
  try {
    return await source;
  } catch (cause) {
    throw failed(`The promise that is passed as wasm was rejected (${cause})`, cause);
  }
}

async function ask(address: string): Promise<Response> {
  try {
    return await fetch(address);
  } catch (cause) {
    const causes =
      "the server is not reached, connect-src of the page's policy does not name it, or it is of another origin and sends no Access-Control-Allow-Origin";
    throw failed(`"${address}" could not be fetched (${cause}): ${causes}`, cause);
  }
}

async function fromResponse(response: Response, asked: string | undefined): Promise<WebAssembly.Module> {
  // Where it came from in the end; a response that a script made has no address.
  const address = response.url || (asked ?? "wasm");
  const type = response.headers.get("Content-Type");
  const came = `"${address}" answered with HTTP ${response.status}, Content-Type ${type ? `"${type}"` : "none"}`;
  // Of these nothing can be read, not even the status.
  if (response.type === "opaque")
    throw failed(`wasm is a response of fetch with mode "no-cors", which no page may read: fetch it with mode "cors"`);
  if (!response.ok) throw failed(came);
  if (response.bodyUsed) throw failed(`${came}, but its body has been read already: pass it on unread`);

  // Browsers compile what still comes in, but some of them only under the type and nothing behind it. Whatever they dislike, the bytes remain.
  let bytes = response;
  if (type?.trim().toLowerCase() === TYPE && typeof WebAssembly.compileStreaming === "function") {
    bytes = response.clone();
    try {
      return await WebAssembly.compileStreaming(response);
    } catch {
      // What is wrong, if anything is, the way below says.
    }
  }
  let body: ArrayBuffer;
  try {
    body = await bytes.arrayBuffer();
  } catch (cause) {
    throw failed(`${came}, but the connection ended before the file did (${cause})`, cause);
  }
  return fromBytes(body, came);
}

/** @param whence where they come from, for the error */
async function fromBytes(bytes: BufferSource, whence: string): Promise<WebAssembly.Module> {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  const begins = EMPTY.every((byte, place) => view[place] === byte);
  if (!begins) {
    const start = new TextDecoder()
      .decode(view.subarray(0, 32))
      .replace(/[^ -~]+/g, " ")
      .trim();
    if (!view.length) throw failed(`${whence}, and nothing in it`);
    const what = /^<(!doctype|html|\?xml|head|body)/i.test(start) ? "an HTML page" : "no wasm";
    throw failed(`${whence}, and ${what}: ${view.length} bytes, which begin with ${JSON.stringify(start)}`);
  }
  try {
    // Not every browser takes a DataView, though it is a BufferSource.
    return await WebAssembly.compile(view);
  } catch (cause) {
    throw failed(
      `${whence}, and ${view.length} bytes that begin as wasm does but cannot be compiled: the file is damaged, or this browser is too old (${cause})`,
      cause,
    );
  }
}

const isA = <T>(value: unknown, name: string): value is T => Object.prototype.toString.call(value) === `[object ${name}]`;

const kindOf = (value: unknown): string =>
  value === null ? "null" : typeof value === "object" ? `an object (${Object.prototype.toString.call(value)})` : `a ${typeof value}`;
