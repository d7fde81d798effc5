// Reads and writes wasm files, as far as scripts/shorten.mjs needs it.
export const [CUSTOM, IMPORT, EXPORT, ELEMENTS, CODE, DATA] = [0, 2, 7, 9, 10, 11];

/** What a wasm file is made of. */
export function* sections(wasm) {
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at];
    const [length, start] = unleb(wasm, at + 1);
    yield { id, body: wasm.subarray(start, start + length) };
    at = start + length;
  }
}

/** A section that is a list: `one` reads an entry and writes what becomes of it, or gives back `false` if nothing does. */
export function rewrite(body, one) {
  const [count, start] = unleb(body, 0);
  const reader = new Reader(body, start);
  const out = new Writer();
  let kept = 0;
  for (let left = count; left > 0; left--) kept += one(reader, out) !== false;
  return Buffer.concat([leb(kept), ...out.parts]);
}

export class Reader {
  constructor(bytes, at) {
    this.body = bytes;
    this.at = at;
  }
  number() {
    const [value, next] = unleb(this.body, this.at);
    this.at = next;
    return value;
  }
  text() {
    const length = this.number();
    this.at += length;
    return Buffer.from(this.body.subarray(this.at - length, this.at)).toString();
  }
  since(start) {
    return this.body.subarray(start, this.at);
  }
  exportKind() {
    const start = this.at++;
    this.number();
    return this.since(start);
  }
  /** Where the table's functions begin: the only form there is one of, a constant place in the first table. */
  elementKind() {
    const start = this.at;
    const [flags, constant] = [this.number(), this.number()];
    this.number();
    if (flags !== 0 || constant !== 0x41 || this.number() !== 0x0b) throw new Error("the wasm fills its table in an unknown way");
    return this.since(start);
  }
  /** function: type; table: reference and limits; memory: limits; global: type and mutability; tag. */
  importKind() {
    const start = this.at;
    const kind = this.body[this.at++];
    if (kind === 1) this.at++;
    if (kind === 1 || kind === 2) {
      const flags = this.number();
      this.number();
      if (flags & 1) this.number();
    } else if (kind === 3) this.at += 2;
    else {
      if (kind === 4) this.at++;
      this.number();
    }
    return this.since(start);
  }
}

export class Writer {
  parts = [];
  bytes(bytes) {
    this.parts.push(bytes);
  }
  number(value) {
    this.parts.push(leb(value));
  }
  text(text) {
    const bytes = Buffer.from(text);
    this.parts.push(leb(bytes.length), bytes);
  }
}

function unleb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [value >>> 0, at];
  }
}

export function leb(value) {
  const bytes = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value >>>= 7;
  } while (value > 0);
  return Uint8Array.from(bytes);
}
