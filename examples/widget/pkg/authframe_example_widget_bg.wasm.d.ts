/* tslint:disable */
/* eslint-disable */
export const memory: WebAssembly.Memory;
export const __wbg_authframecore_free: (a: number, b: number) => void;
export const authframecore_accessToken: (a: number, b: number) => [number, number, number, number];
export const authframecore_acquireFailed: (a: number, b: number, c: any, d: number) => void;
export const authframecore_acquired: (a: number, b: number, c: any) => void;
export const authframecore_allow: (a: number, b: any, c: any) => [number, number];
export const authframecore_allowWebview: (a: number, b: any) => [number, number];
export const authframecore_authorize: (a: number, b: number, c: any) => [number, number];
export const authframecore_beginSignIn: (a: number) => [number, number];
export const authframecore_close: (a: number) => [number, number];
export const authframecore_dialect: (a: number) => [number, number, number, number];
export const authframecore_facts: (a: number) => [number, number, number];
export const authframecore_notifyDialect: (a: number, b: any) => [number, number];
export const authframecore_post: (a: number, b: any) => [number, number];
export const authframecore_postWithPort: (a: number, b: any) => [number, number, number];
export const authframecore_receive: (a: number, b: any) => void;
export const authframecore_reset: (a: number, b: number) => [number, number];
export const authframecore_signOut: (a: number, b: number, c: any) => [number, number];
export const authframecore_start: (a: number) => [number, number];
export const authframecore_storeDone: (a: number, b: number, c: any) => void;
export const authframecore_storeFailed: (a: number, b: number, c: any) => void;
export const authframecore_storeFound: (a: number, b: number, c: any, d: any) => any;
export const start: () => void;
export const wasm_bindgen__convert__closures_____invoke__h5c851832b3e511c0: (
  a: number,
  b: number,
  c: any,
  d: any,
) => [number, number, number];
export const wasm_bindgen__convert__closures_____invoke__h5e84aab8614c9381: (a: number, b: number, c: any) => [number, number];
export const wasm_bindgen__convert__closures_____invoke__hb7bae8d1ceda1975: (a: number, b: number, c: any, d: any) => void;
export const wasm_bindgen__convert__closures_____invoke__hee6d386b1f8420ac: (a: number, b: number, c: any) => any;
export const wasm_bindgen__convert__closures________invoke__h54546a4fd56e926f: (a: number, b: number, c: any) => void;
export const wasm_bindgen__convert__closures_____invoke__h73b79afc1cad5e6c: (a: number, b: number, c: any) => void;
export const wasm_bindgen__convert__closures_____invoke__hf14352db37c8af58: (a: number, b: number, c: any) => void;
export const wasm_bindgen__convert__closures_____invoke__hd4a573a90ec38b7e: (a: number, b: number) => void;
export const __wbindgen_malloc: (a: number, b: number) => number;
export const __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
export const __wbindgen_free: (a: number, b: number, c: number) => void;
export const __wbindgen_exn_store: (a: number) => void;
export const __externref_table_alloc: () => number;
export const __wbindgen_externrefs: WebAssembly.Table;
export const __wbindgen_destroy_closure: (a: number, b: number) => void;
export const __externref_table_dealloc: (a: number) => void;
export const __wbindgen_start: () => void;
