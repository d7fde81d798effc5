/**
 * For your server: signs the client token that a page hands to the widget (`authframe/host/ethora`), and builds the requests by which users, chats and access are made. It opens no
 * connection by itself: each call gives an {@link ApiRequest}, which {@link send} sends with `fetch`, or you with what you like. Rust: `authframe::ethora`, feature `ethora`.
 *
 * The App Secret opens the whole app: never load this in a page.
 *
 * @example
 * import { ethoraBackend, send } from "authframe/ethora-backend";
 * const ethora = await ethoraBackend({ appId: process.env.ETHORA_CHAT_APP_ID, appSecret: process.env.ETHORA_CHAT_APP_SECRET });
 * ethora.check(await send(ethora.createUsers([{ uuid: "u-17", email: "ada@example.com", firstName: "Ada", lastName: "Lovelace" }])));
 * app.get("/chat-token", (request, response) => response.send(ethora.clientToken(request.session.userId)));
 */

import { call as callWasm, initSync } from "../generated/ethora-backend/backend.js";
import wasmBytes from "../generated/ethora-backend/backend.wasm";
import type { ApiReply, ApiRequest, AppCalls, BackendOptions, Comparison, EthoraBackend, OriginalCalls } from "./backend-types.js";
import { reading, writable } from "./writable.js";

export type * from "./backend-types.js";

/** What went wrong, with a stable code: `src/ethora/error.rs`, `CALL_INVALID` for an argument that it names, or `WASM_UNAVAILABLE`. It holds no text that was sent, so it may be logged. */
export class EthoraError extends Error {
  override readonly name = "EthoraError";
  declare readonly code: string;
  /** `app`: your code; `peer`: the server. */
  declare readonly responsible: "app" | "peer";

  constructor(code: string, responsible: "app" | "peer", message: string) {
    super(message);
    this.code = code;
    this.responsible = responsible;
  }
}

const misuse = (message: string) => new EthoraError("CALL_INVALID", "app", message);

type Wasm = WebAssembly.Module | ArrayBuffer | Uint8Array<ArrayBuffer>;

const isWasm = (wasm: unknown): wasm is Wasm =>
  wasm instanceof WebAssembly.Module || wasm instanceof ArrayBuffer || ArrayBuffer.isView(wasm);

let isLoaded = false;

function load(wasm: Wasm): void {
  if (isLoaded) return;
  try {
    initSync({ module: wasm instanceof WebAssembly.Module ? wasm : new WebAssembly.Module(wasm) });
  } catch {
    throw new EthoraError("WASM_UNAVAILABLE", "app", "the wasm cannot be compiled here: give a compiled module as the option wasm");
  }
  isLoaded = true;
}

/** What a call is asked for: `arguments` by the names of its parameters. */
interface Asked {
  readonly call: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly options?: object;
  readonly app?: string;
  readonly now?: number;
}

function ask<T>(asked: Asked): T {
  const copies = (given: object) => Object.fromEntries(Object.entries(given).map(([name, value]) => [name, writable(value, name, misuse)]));
  const given = {
    ...asked,
    arguments: copies(asked.arguments),
    options: copies(asked.options ?? {}),
    app: writable(asked.app, "appId", misuse),
  };
  const { ok, error } = JSON.parse(callWasm(JSON.stringify(given))) as {
    ok?: T;
    error?: { code: string; responsible: "app" | "peer"; message: string };
  };
  if (error) throw new EthoraError(error.code, error.responsible, error.message);
  return ok as T;
}

/** Replies may be another library's, which have more fields. */
const known = (reply: ApiReply) => reading("reply", misuse, () => ({ status: reply?.status, body: reply?.body }));

/** What all calls of one backend have in common. */
class Caller {
  readonly #options: object;
  readonly #now: () => number;
  readonly #app: string | undefined;

  constructor(options: object, now: () => number, app?: string) {
    this.#options = options;
    this.#now = now;
    this.#app = app;
  }

  in(app: string): Caller {
    if (typeof app !== "string") throw misuse("appId is meant to be text");
    return new Caller(this.#options, this.#now, app);
  }

  call<T = ApiRequest>(call: string, given: Readonly<Record<string, unknown>>): T {
    const now = this.#now();
    if (!Number.isFinite(now) || now < 0) throw misuse("now() gives no milliseconds since 1970");
    const app = this.#app === undefined ? {} : { app: this.#app };
    return ask({ call, arguments: given, options: this.#options, now: Math.floor(now), ...app });
  }
}

function appCalls(caller: Caller): AppCalls {
  return {
    createUsers: (users, options) => caller.call("createUsers", { users, options }),
    importJob: (jobId) => caller.call("importJob", { jobId }),
    deleteUsers: (userIds) => caller.call("deleteUsers", { userIds }),
    getUserChats: (userId, query) => caller.call("getUserChats", { userId, query }),
    createChat: (chatId, title, access, more) => caller.call("createChat", { chatId, title, access, more }),
    updateChat: (chatId, update) => caller.call("updateChat", { chatId, update }),
    deleteChat: (chatId) => caller.call("deleteChat", { chatId }),
    listChats: (query) => caller.call("listChats", { query }),
    addMembers: (chatId, userIds) => caller.call("addMembers", { chatId, userIds }),
    removeMembers: (chatId, userIds) => caller.call("removeMembers", { chatId, userIds }),
    broadcastToAppChats: (broadcast) => caller.call("broadcastToAppChats", { broadcast }),
    getAppBroadcastJob: (jobId) => caller.call("getAppBroadcastJob", { jobId }),
    listAppTokens: () => caller.call("listAppTokens", {}),
    createAppToken: (options) => caller.call("createAppToken", { options }),
    rotateAppToken: (tokenId, options) => caller.call("rotateAppToken", { tokenId, options }),
    revokeAppToken: (tokenId) => caller.call("revokeAppToken", { tokenId }),
    provisionApp: (provision) => caller.call("provisionApp", { provision }),
    getAppBot: () => caller.call("getAppBot", {}),
    updateAppBot: (update) => caller.call("updateAppBot", { update }),
    nameOf: (id) => caller.call("nameOf", { id }),
    chatJid: (chatId) => caller.call("chatJid", { chatId }),
    readCreatedChat: (chatId, reply) => caller.call("readCreatedChat", { chatId, reply: known(reply) }),
  };
}

function originalCalls(caller: Caller, baseUrl: string, settings: unknown): OriginalCalls {
  const call = <T = ApiRequest>(name: string, given: object) => caller.call<T>(name, { baseUrl, settings, ...given });
  // What cannot be sent is said now.
  call("originalCheck", {});
  return {
    createChat: (uuid, access) => call("originalCreateChat", { uuid, access }),
    deleteChat: (chat) => call("originalDeleteChat", { chat }),
    setAccess: (chat, user, accessCode, accessTimer) => call("originalSetAccess", { chat, user, accessCode, accessTimer }),
    readCreatedChat: (reply) => call("originalReadCreatedChat", { reply: known(reply) }),
    createUser: (body) => call("originalCreateUser", { body }),
    deleteUser: (body) => call("originalDeleteUser", { body }),
    importUsers: (body) => call("originalImportUsers", { body }),
  };
}

/** Loads the wasm and takes the app's secret. Rejects with `APP_ID_INVALID`, `SECRET_INVALID`, `BASE_INVALID`, `CALL_INVALID`, `WASM_UNAVAILABLE`. */
export async function ethoraBackend(options: BackendOptions): Promise<EthoraBackend> {
  if (typeof options !== "object" || options === null) throw misuse("options is meant to be an object");
  const { now = Date.now, wasm = wasmBytes, ...rest } = reading("options", misuse, () => ({ ...options }));
  if (typeof now !== "function") throw misuse("now is meant to be a function");
  if (!isWasm(wasm)) throw misuse("wasm is meant to be a WebAssembly.Module, or its bytes");
  load(wasm);
  const caller = new Caller(rest, now);
  // What cannot be sent is said now.
  caller.call("listUsers", {});
  return {
    ...appCalls(caller),
    clientToken: (userId, options) => caller.call("clientToken", { userId, options }),
    flatClientToken: (email, options) => caller.call("flatClientToken", { email, options }),
    serverToken: (options) => caller.call("serverToken", { options }),
    verifyToken: (token) => caller.call("verifyToken", { token }),
    updateUsers: (users) => caller.call("updateUsers", { users }),
    listUsers: (query) => caller.call("listUsers", { query }),
    getAppUserByXmppUsername: (xmppUsername) => caller.call("getAppUserByXmppUsername", { xmppUsername }),
    listApps: (query) => caller.call("listApps", { query }),
    createApp: (app) => caller.call("createApp", { app }),
    getApp: (appId) => caller.in(appId).call("getApp", {}),
    deleteApp: (appId) => caller.in(appId).call("deleteApp", {}),
    inApp: (appId) => appCalls(caller.in(appId)),
    readUserIds: (reply) => caller.call("readUserIds", { reply: known(reply) }),
    check: (reply) => caller.call("check", { reply: known(reply) }),
    original: (baseUrl, settings) => originalCalls(caller, baseUrl, settings),
  };
}

/** Compares your users' ids with Ethora's. */
export function compareUsers(host: readonly string[], ethora: readonly string[]): Comparison {
  load(wasmBytes);
  return ask({ call: "compareUsers", arguments: { host, ethora } });
}

/**
 * Sends a request with `fetch`, and resolves with the reply, whatever its status: hand that to `check` or to what reads it. Redirects are not followed, since the token would go along.
 * Rejects as `fetch` does where there is no reply, and with `CALL_INVALID` for what is no request.
 * @param signal default: 30 seconds, the vendor's own patience
 */
export async function send(request: ApiRequest, signal: AbortSignal = AbortSignal.timeout(30_000)): Promise<ApiReply> {
  if (typeof request?.url !== "string" || !Array.isArray(request.headers)) throw misuse("request is meant to be what a call has given");
  const { method, url, headers, body } = request;
  const response = await fetch(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    body,
    redirect: "error",
    signal,
  });
  return { status: response.status, body: await response.text() };
}
