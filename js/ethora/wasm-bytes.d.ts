/** esbuild's loader `binary` puts a wasm file into the JavaScript: scripts/build.mjs. */
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
