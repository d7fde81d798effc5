/**
 * For your server: signs the client token that a page hands to the widget (`authframe/host/ethora`), and builds the requests by which users, chats and access are made. It opens no
 * connection by itself: each call gives an {@link ApiRequest}, which {@link send} sends with `fetch`, or you with what you like. Rust: `authframe::ethora`, feature `ethora`.
 *
 * The App Secret opens the whole app: never load this in a page.
 *
 * @example
 * import { ethoraBackend, send } from "authframe/ethora-backend";
 * const ethora = await ethoraBackend({ appId: process.env.ETHORA_CHAT_APP_ID, appSecret: process.env.ETHORA_CHAT_APP_SECRET });
 * await send(ethora.createUsers([{ uuid: "u-17", firstName: "Ada", lastName: "Lovelace" }]));
 * app.get("/chat-token", (request, response) => response.send(ethora.clientToken(request.session.userId)));
 */
import { call, initSync } from "../generated/ethora-backend/backend.js";

/** A request to send; `headers` hold the server token, so do not log them. Follow no redirect. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
}

export interface ApiReply {
  readonly status: number;
  readonly body: string;
}

export interface BackendOptions {
  readonly appId: string;
  readonly appSecret: string;
  /** Without a version. Default `"https://api.chat.ethora.com"`. */
  readonly baseUrl?: string;
  /** Uses the paths that name the app, `/v2/apps/{appId}/…`. Default `false`. */
  readonly perApp?: boolean;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** A user to create. What is left out is not sent: the vendor's own SDK would make up a password that is easily guessed. */
export interface NewUser {
  /** Your own id of the user, 1–256 characters: the same that {@link EthoraBackend.clientToken} takes. */
  readonly uuid: string;
  readonly email?: string;
  readonly firstName?: string;
  /** The server is said to want two characters or more. */
  readonly lastName?: string;
  readonly password?: string;
}

/** Exactly one of both. */
export type ById<T> = { readonly jid: string } | { readonly uuid: T };

/** What is not known of the original API. All defaults are guesses: `headers` those of the current one (`{token}` stands for the server token), `POST`, `DELETE`, `POST`. */
export interface OriginalSettings {
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly createChat?: ApiRequest["method"];
  readonly deleteChat?: ApiRequest["method"];
  readonly setAccess?: ApiRequest["method"];
}

/** What went wrong, with a stable code: `src/ethora/error.rs`, or `CALL_INVALID` for an argument of another type. It holds nothing of what was sent, so it may be logged. */
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

/** All calls throw an {@link EthoraError} for what cannot be sent. */
export interface EthoraBackend {
  /** A token for the browser of this user, good for `expiresIn` seconds (default 300; `null`: until the secret changes). */
  clientToken(userId: string, options?: { readonly expiresIn?: number | null }): string;
  /** The same in the original form, signed with the secret itself: prefer {@link clientToken}. */
  flatClientToken(email: string, options?: { readonly expiresIn?: number | null }): string;
  createUsers(users: readonly NewUser[]): ApiRequest;
  /** How far a job is that created users (`perApp`). */
  importJob(jobId: string): ApiRequest;
  deleteUsers(userIds: readonly string[]): ApiRequest;
  listUsers(query?: { readonly limit?: number; readonly offset?: number }): ApiRequest;
  /** `access` is `"private"` if left out. */
  createChat(chatId: string, title: string, access?: "public" | "private"): ApiRequest;
  /** **Destroys all history of the chat, for all users.** */
  deleteChat(chatId: string): ApiRequest;
  addMembers(chatId: string, userIds: readonly string[]): ApiRequest;
  removeMembers(chatId: string, userIds: readonly string[]): ApiRequest;
  /** Reads the reply to {@link createChat}; throws what it says is wrong. */
  readCreatedChat(chatId: string, reply: ApiReply): { readonly status: string; readonly jid: string };
  /** Your own ids in a reply to {@link listUsers}. */
  readUserIds(reply: ApiReply): readonly string[];
  /** Throws what a reply says is wrong: `UNAUTHORIZED`, `FORBIDDEN`, `NOT_FOUND`, `ALREADY_EXISTS`, `REJECTED`, `SERVER_FAILED`, `REPLY_INVALID`. */
  check(reply: ApiReply): void;
  /** The original API below `baseUrl`, of which `/chats/`, `/chat-access/` and their field names are known. */
  original(
    baseUrl: string,
    settings?: OriginalSettings,
  ): {
    /** `uuid`: an integer of your own. */
    createChat(uuid: number, access?: "public" | "private"): ApiRequest;
    /** **Destroys all history of the chat, for all users.** */
    deleteChat(chat: ById<number>): ApiRequest;
    /** `accessCode`: owner, moderator, write, read, each `0` or `1`; `"0000"` removes. `accessTimer`: seconds, after which the earlier state returns. */
    setAccess(chat: ById<number>, user: ById<string>, accessCode: string, accessTimer?: number): ApiRequest;
    readCreatedChat(reply: ApiReply): { readonly status: string; readonly jid: string };
  };
}

/** Compares your users' ids with Ethora's, sorted. It only reports: nothing is deleted. */
export type Comparison = { readonly missing: readonly string[]; readonly extra: readonly string[] };

let loading: Promise<void> | undefined;

/** Loads the wasm once; a failure is forgotten, so that the next call tries again. */
function loadOnce(): Promise<void> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Where there are files, `fetch` does not take their addresses. */
async function readFile(address: URL): Promise<BufferSource> {
  // No literal: a bundler for browsers would look for it.
  const name = "node:fs/promises";
  const { readFile } = (await import(name)) as { readFile(address: URL): Promise<BufferSource> };
  return readFile(address);
}

async function load(): Promise<void> {
  const address = new URL("./authframe-ethora-backend.wasm", import.meta.url);
  initSync({
    module: await WebAssembly.compile(address.protocol === "file:" ? await readFile(address) : await (await fetch(address)).arrayBuffer()),
  });
}

function ask<T>(asked: object): T {
  const { ok, error } = JSON.parse(call(JSON.stringify(asked))) as {
    ok?: T;
    error?: { code: string; responsible: "app" | "peer"; message: string };
  };
  if (error) throw new EthoraError(error.code, error.responsible, error.message);
  return ok as T;
}

/** Loads the wasm and takes the app's secret. Rejects with `APP_ID_INVALID`, `SECRET_INVALID`, `BASE_INVALID`. */
export async function ethoraBackend({ appId, appSecret, baseUrl, perApp = false, now = Date.now }: BackendOptions): Promise<EthoraBackend> {
  await loadOnce();
  const seconds = () => Math.floor(now() / 1000);
  const self = { appId, appSecret, baseUrl, perApp };
  // A server token of its own for each request, as the vendor's SDK has it.
  const request = (name: string, more: object): ApiRequest => ask({ ...self, call: name, iat: seconds(), exp: seconds() + 60, ...more });
  const token = (name: string, more: object, expiresIn: number | null) => {
    // JSON knows no such number, and what it writes instead means for ever.
    if (expiresIn !== null && !Number.isSafeInteger(expiresIn))
      throw new EthoraError("CALL_INVALID", "app", "expiresIn is a whole number of seconds, or null");
    return ask<string>({ ...self, call: name, iat: seconds(), exp: expiresIn === null ? null : seconds() + expiresIn, ...more });
  };
  // What cannot be sent is said now.
  request("listUsers", {});
  return {
    clientToken: (userId, { expiresIn = 300 } = {}) => token("clientToken", { userId }, expiresIn),
    flatClientToken: (email, { expiresIn = 300 } = {}) => token("flatClientToken", { email }, expiresIn),
    createUsers: (users) => request("createUsers", { users }),
    importJob: (jobId) => request("importJob", { jobId }),
    deleteUsers: (userIds) => request("deleteUsers", { userIds }),
    listUsers: (query = {}) => request("listUsers", query),
    createChat: (chatId, title, access) => request("createChat", { chatId, title, access }),
    deleteChat: (chatId) => request("deleteChat", { chatId }),
    addMembers: (chatId, userIds) => request("addMembers", { chatId, userIds }),
    removeMembers: (chatId, userIds) => request("removeMembers", { chatId, userIds }),
    readCreatedChat: (chatId, { status, body }) => ask({ ...self, call: "readCreatedChat", chatId, status, body }),
    readUserIds: ({ status, body }) => ask({ ...self, call: "readUserIds", status, body }),
    check: ({ status, body }) => ask({ ...self, call: "check", status, body }),
    original(baseUrl, settings) {
      const original = (name: string, more: object): ApiRequest => request(name, { baseUrl, settings, ...more });
      return {
        createChat: (uuid, access) => original("originalCreateChat", { uuid, access }),
        deleteChat: (chat) => original("originalDeleteChat", { chat }),
        setAccess: (chat, user, accessCode, accessTimer) => original("originalSetAccess", { chat, user, accessCode, accessTimer }),
        readCreatedChat: ({ status, body }) => ask({ ...self, baseUrl, call: "originalReadCreatedChat", status, body }),
      };
    },
  };
}

/** Compares your users' ids with Ethora's. Only after {@link ethoraBackend} has been called once. */
export const compareUsers = (host: readonly string[], ethora: readonly string[]): Comparison =>
  ask({ appId: "-", call: "compare", host, ethora });

/**
 * Sends a request with `fetch`, and resolves with the reply, whatever its status: hand that to `check` or to what reads it. Redirects are not followed, since the token would go along.
 * @param signal default: 30 seconds, the vendor's own patience
 */
export async function send(
  { method, url, headers, body }: ApiRequest,
  signal: AbortSignal = AbortSignal.timeout(30_000),
): Promise<ApiReply> {
  const response = await fetch(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    body,
    redirect: "error",
    signal,
  });
  return { status: response.status, body: await response.text() };
}
