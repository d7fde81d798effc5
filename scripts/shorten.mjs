// Gives the wasm's imports and exports short names, in the wasm and in its glue alike: the long ones carry hashes, which no compressor makes small.
import { EXPORT, IMPORT, leb, rewrite, sections } from "./wasm-file.mjs";

/**
 * @param {string} core the name that all imports are found under: one character, another one for each core, so that no other core's wasm fits the glue
 * @returns {{ wasm: Uint8Array, glue: string }}
 */
export function shorten(core, wasm, glue) {
  const imports = new Names();
  const exports = new Names();
  const modules = new Set();
  // What the wasm takes from a snippet without the glue between them: short names by module and name.
  const direct = new Map();
  const parts = [wasm.subarray(0, 8)];
  for (const { id, body } of sections(wasm)) {
    let next = body;
    if (id === IMPORT)
      next = rewrite(body, (reader, out) => {
        const [module, name] = [reader.text(), reader.text()];
        const short = imports.short(name);
        if (module.includes("/snippets/")) direct.set(module, { ...direct.get(module), [name]: short });
        else modules.add(module);
        out.text(core);
        out.text(short);
        out.bytes(reader.importKind());
      });
    if (id === EXPORT)
      next = rewrite(body, (reader, out) => {
        out.text(exports.short(reader.text()));
        out.bytes(reader.exportKind());
      });
    parts.push(Uint8Array.of(id), leb(next.length), next);
  }
  for (const [module, names] of direct) glue = named(glue, module, Object.keys(names));
  // The glue names exports as `wasm.name`, and imports as the keys of one table.
  glue = glue.replace(/\bwasm\.([\w$]+)/g, (_, name) => `wasm.${exports.found(name)}`);
  glue = glue.replace(/^( {8})([\w$]+)(?=: )/gm, (line, indent, name) => (imports.has(name) ? indent + imports.found(name) : line));
  for (const module of modules) glue = glue.replaceAll(`"${module}"`, `"${core}"`);
  imports.allFound();
  return { wasm: Buffer.concat(parts), glue };
}

/** Moves what the wasm takes from a snippet as a whole module into the glue's table, by its name: then the bundler can shorten it and leave out the rest. */
function named(glue, module, names) {
  const whole = new RegExp(`^(?:import \\* as import\\d+ from "${module}"| +"${module}": import\\d+,)\\n`, "gm");
  const table = "const import0 = {\n        __proto__: null,\n";
  const moved = glue.replace(whole, "").replace(table, (start) => start + names.map((name) => `        ${name}: ${name},\n`).join(""));
  if (moved === glue || /^import \* as /m.test(moved) || !moved.includes(table))
    throw new Error(`the glue does not take ${module} as it used to`);
  return `import { ${names.join(", ")} } from "${module}";\n${moved}`;
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
