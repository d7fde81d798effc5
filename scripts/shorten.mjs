// Gives the wasm's imports and exports short names, in the wasm and in its glue alike: the long ones carry hashes, which no compressor makes small.
const IMPORT = 2;
const EXPORT = 7;

/** @returns {{ wasm: Uint8Array, glue: string }} */
export function shorten(wasm, glue) {
  const imports = new Names();
  const exports = new Names();
  const modules = new Set();
  const parts = [wasm.subarray(0, 8)];
  for (const { id, body } of sections(wasm)) {
    let next = body;
    if (id === IMPORT) next = rewrite(body, (reader, out) => {
      const [module, name] = [reader.text(), reader.text()];
      // A snippet is a module of its own, whose names are its own affair.
      const glued = !module.includes("/snippets/");
      if (glued) modules.add(module);
      out.text(glued ? "_" : module);
      out.text(glued ? imports.short(name) : name);
      out.bytes(reader.importKind());
    });
    if (id === EXPORT) next = rewrite(body, (reader, out) => {
      out.text(exports.short(reader.text()));
      out.bytes(reader.exportKind());
    });
    parts.push(Uint8Array.of(id), leb(next.length), next);
  }
  // The glue names exports as `wasm.name`, and imports as the keys of one table.
  glue = glue.replace(/\bwasm\.([\w$]+)/g, (_, name) => `wasm.${exports.found(name)}`);
  glue = glue.replace(/^( {8})([\w$]+)(?=: )/gm, (line, indent, name) => (imports.has(name) ? indent + imports.found(name) : line));
  for (const module of modules) glue = glue.replaceAll(`"${module}"`, '"_"');
  imports.allFound();
  return { wasm: Buffer.concat(parts), glue };
}

class Names extends Map {
  unseen = new Set();
  short(name) {
    // A letter first: the glue uses it as an identifier.
    this.set(name, `_${this.size.toString(36)}`);
    this.unseen.add(name);
    return this.get(name);
  }
  found(name) {
    if (!this.has(name)) throw new Error(`the glue names ${name}, which the wasm does not have`);
    this.unseen.delete(name);
    return this.get(name);
  }
  allFound() {
    if (this.unseen.size > 0) throw new Error(`the glue does not have ${[...this.unseen].join(", ")}`);
  }
}

function* sections(wasm) {
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at];
    const [length, start] = unleb(wasm, at + 1);
    yield { id, body: wasm.subarray(start, start + length) };
    at = start + length;
  }
}

function rewrite(body, one) {
  const [count, start] = unleb(body, 0);
  const reader = new Reader(body, start);
  const out = new Writer();
  out.bytes(leb(count));
  for (let left = count; left > 0; left--) one(reader, out);
  return Buffer.concat(out.parts);
}

class Reader {
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

class Writer {
  parts = [];
  bytes(bytes) {
    this.parts.push(bytes);
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

function leb(value) {
  const bytes = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value >>>= 7;
  } while (value > 0);
  return Uint8Array.from(bytes);
}
