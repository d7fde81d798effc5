/** What `authframe/ethora-backend` takes and gives. */

/** A request to send; `headers` hold the server token, so do not log them. Follow no redirect. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
}

export interface ApiReply {
  readonly status: number;
  /** As text, not parsed. */
  readonly body: string;
}

/** Further fields of a body whose form the vendor leaves open, sent as they are. None may have the name of a field that has a place of its own. */
export type Fields = Readonly<Record<string, unknown>>;

export interface BackendOptions {
  /** Whose tokens are signed. For a child app it is the parent's, and {@link EthoraBackend.inApp} names the child. */
  readonly appId: string;
  readonly appSecret: string;
  /** Without a version. Default `"https://api.chat.ethora.com"`. */
  readonly baseUrl?: string;
  /** The domain of chats in XMPP. Default `"conference.xmpp.chat.ethora.com"`. */
  readonly conference?: string;
  /** Uses the paths that name the app, `/v2/apps/{appId}/…`, wherever there are some: `inApp(appId)`. Default `false`. */
  readonly perApp?: boolean;
  /** The id of the tenant, where the vendor has given you one: it stands in every server token. Default: none, as the vendor's SDK sends. */
  readonly tenantId?: string;
  /** The clock by which tokens are dated and checked, in milliseconds since 1970: for tests, or where the machine's clock is wrong. Default `Date.now`. */
  readonly now?: () => number;
  /**
   * The compiled `authframe/authframe-ethora-backend.wasm`, or its bytes, where code may not be compiled from bytes (Cloudflare Workers). Default: the bytes that this module carries.
   * The first call decides: the wasm is loaded once.
   */
  readonly wasm?: CompiledWasm | ArrayBuffer | Uint8Array<ArrayBuffer>;
}

/** A `WebAssembly.Module`, whose type has no members, and is not known to a program with `lib: ["ES2022"]` alone. */
export type CompiledWasm = object;

/** How long a token is good, in whole seconds; `null`: until the secret changes. */
export interface TokenOptions {
  readonly expiresIn?: number | null;
}

export interface ServerTokenOptions extends TokenOptions {
  /** Default: that of {@link BackendOptions}. */
  readonly tenantId?: string;
}

/** A user to create. What is left out is not sent: the vendor's own SDK would make up a password that is easily guessed. Texts have 1–1024 characters. */
export interface NewUser {
  /** Your own id of the user, 1–256 characters: the same that {@link EthoraBackend.clientToken} takes. */
  readonly uuid: string;
  readonly email: string;
  readonly firstName: string;
  /** The server is said to want two characters or more. */
  readonly lastName: string;
  readonly password?: string;
  /** The address of a picture. */
  readonly profileImage?: string;
  readonly description?: string;
  readonly more?: Fields;
}

/** What to change of a user. What is left out stays as it is. The vendor's types name more, which its SDK does not send. */
export interface UserUpdate {
  /** Whom: `{appId}_{userId}`, {@link AppCalls.nameOf}. */
  readonly xmppUsername: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly username?: string;
  /** The address of a picture. */
  readonly profileImage?: string;
}

/** Which users to list: without a field, all of the app. `limit` and `offset` are whole numbers from 0 to 4294967295. */
export interface UserQuery {
  /** Those of this chat: `{appId}_{chatId}`, or `{xmppUsername}-{xmppUsername}` of a chat of two. */
  readonly chatName?: string;
  /** The one with this name, `{appId}_{userId}`. */
  readonly xmppUsername?: string;
  readonly userId?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/** Which chats to list. `limit` and `offset` are whole numbers from 0 to 4294967295. */
export interface ChatQuery {
  readonly limit?: number;
  readonly offset?: number;
  readonly includeMembers?: boolean;
}

/** What to change of a chat: one of both at least. */
export interface ChatUpdate {
  /** 1–1024 characters. */
  readonly title?: string;
  readonly description?: string;
}

/** Which apps to list. `limit` and `offset` are whole numbers from 0 to 4294967295. */
export interface AppQuery {
  readonly limit?: number;
  readonly offset?: number;
  readonly order?: "asc" | "desc";
  readonly orderBy?: "displayName" | "createdAt";
}

/** An app to create, a child of yours. */
export interface NewApp {
  readonly displayName: string;
  readonly domainName?: string;
  readonly appTagline?: string;
  /** The address of a picture; so is `sublogoImage`. */
  readonly logoImage?: string;
  readonly sublogoImage?: string;
  readonly primaryColor?: string;
  readonly bundleId?: string;
  readonly more?: Fields;
}

/** What an app is furnished with. */
export interface Provision {
  readonly rooms?: readonly { readonly title?: string; readonly pinned?: boolean; readonly more?: Fields }[];
  readonly more?: Fields;
}

/** What to change of an app's bot, one field at least. The words of `status` and `trigger` are those that the documents of the vendor's other tools have; others are sent too. */
export interface BotUpdate {
  /** `"on"`, `"off"` */
  readonly status?: string;
  /** `"any_message"`, `"/bot"` */
  readonly trigger?: string;
  readonly prompt?: string;
  readonly greetingMessage?: string;
  readonly chatId?: string;
  readonly isRAG?: boolean;
  readonly botFirstName?: string;
  readonly botLastName?: string;
  readonly more?: Fields;
}

/** A message to many chats of an app. By the documents of the vendor's other tools the server wants exactly one of `allRooms`, `chatNames` and `chatIds`, and refuses whatever else (400). */
export interface Broadcast {
  readonly text: string;
  readonly allRooms?: boolean;
  /** `{appId}_{chatId}`. An empty list is refused; so is one of `chatIds`. */
  readonly chatNames?: readonly string[];
  readonly chatIds?: readonly string[];
  readonly metadata?: Fields;
  readonly dryRun?: boolean;
  readonly more?: Fields;
}

/** Exactly one of both. */
export type ById<T> = { readonly jid: string; readonly uuid?: never } | { readonly uuid: T; readonly jid?: never };

/** How a call of the original API is sent whose path is not known. The path begins with a slash. */
export interface Endpoint {
  readonly method: ApiRequest["method"];
  readonly path: string;
}

/** What is not known of the original API. All defaults are guesses: `headers` those of the current one (`{token}` stands for the server token). */
export interface OriginalSettings {
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Default `"POST"`. */
  readonly createChat?: ApiRequest["method"];
  /** Default `"DELETE"`. */
  readonly deleteChat?: ApiRequest["method"];
  /** Default `"POST"`. */
  readonly setAccess?: ApiRequest["method"];
  /** Default `POST /users/`. */
  readonly createUser?: Endpoint;
  /** Default `DELETE /users/`. */
  readonly deleteUser?: Endpoint;
  /** Default `POST /import-users/`. */
  readonly importUsers?: Endpoint;
}

/** The original API, of which `/chats/`, `/chat-access/` and their field names are known. */
export interface OriginalCalls {
  /** `uuid`: an integer of your own, 0 to 9007199254740991. `access` is `"private"` if left out. */
  createChat(uuid: number, access?: "public" | "private"): ApiRequest;
  /** **Destroys all history of the chat, for all users.** */
  deleteChat(chat: ById<number>): ApiRequest;
  /**
   * @param accessCode owner, moderator, write, read, each `0` or `1`; `"0000"` removes
   * @param accessTimer whole seconds from 1 on, after which the earlier state returns; without it this one lasts
   */
  setAccess(chat: ById<number>, user: ById<string>, accessCode: string, accessTimer?: number): ApiRequest;
  readCreatedChat(reply: ApiReply): { readonly status: string; readonly jid: string };
  /** "User Create". The names of its fields are not known: the body is sent as it is, here and in the next two. */
  createUser(body: Fields | readonly unknown[]): ApiRequest;
  /** "User Delete". */
  deleteUser(body: Fields | readonly unknown[]): ApiRequest;
  /** "import-users API". */
  importUsers(body: Fields | readonly unknown[]): ApiRequest;
}

/** What a token of your app says. Times are in seconds since 1970; `null`: it says none. */
export type VerifiedToken = {
  /** What it was signed with: the key derived for its type, or the App Secret itself, which the vendor means to give up. */
  readonly key: "derived" | "secret";
  readonly issuedAt: number | null;
  readonly expiresAt: number | null;
} & (
  | { readonly type: "client"; readonly userId: string; readonly email?: never }
  | { readonly type: "client"; readonly email: string; readonly userId?: never }
  | { readonly type: "server"; readonly tenantId: string | null }
);

/** The calls that an app's path can name, for your own app or a child's. The names of the vendor's SDK are in docs/dialects/ethora-backend.md. */
export interface AppCalls {
  /** One or many. Their e-mail addresses count as confirmed; `bypassEmailConfirmation: false` leaves that to the server. */
  createUsers(users: readonly NewUser[], options?: { readonly bypassEmailConfirmation?: boolean }): ApiRequest;
  /** How far a job is that created users: with paths that name the app, {@link createUsers} begins one, of up to 100 users. Its reply is said to have the `jobId`. */
  importJob(jobId: string): ApiRequest;
  deleteUsers(userIds: readonly string[]): ApiRequest;
  /** The chats of a user, by your own id. */
  getUserChats(userId: string, query?: ChatQuery): ApiRequest;
  /** `access` is `"private"` if left out. `more`: further fields, such as a `description`. */
  createChat(chatId: string, title: string, access?: "public" | "private", more?: Fields): ApiRequest;
  updateChat(chatId: string, update: ChatUpdate): ApiRequest;
  /** **Destroys all history of the chat, for all users.** */
  deleteChat(chatId: string): ApiRequest;
  listChats(query?: ChatQuery): ApiRequest;
  addMembers(chatId: string, userIds: readonly string[]): ApiRequest;
  removeMembers(chatId: string, userIds: readonly string[]): ApiRequest;
  /** Begins a job. */
  broadcastToAppChats(broadcast: Broadcast): ApiRequest;
  getAppBroadcastJob(jobId: string): ApiRequest;
  listAppTokens(): ApiRequest;
  /** The reply holds a token: do not log it. */
  createAppToken(options?: { readonly label?: string }): ApiRequest;
  /** Ends the old one at once. The reply holds a token: do not log it. */
  rotateAppToken(tokenId: string, options?: { readonly label?: string }): ApiRequest;
  revokeAppToken(tokenId: string): ApiRequest;
  /** Furnishes the app with chats. */
  provisionApp(provision?: Provision): ApiRequest;
  getAppBot(): ApiRequest;
  updateAppBot(update: BotUpdate): ApiRequest;
  /** `{appId}_{id}`: how the server names a user or a chat. */
  nameOf(id: string): string;
  /** `{appId}_{chatId}@` and the domain of chats: how XMPP names a chat. */
  chatJid(chatId: string): string;
  /** Reads the reply to {@link createChat}; throws what it says is wrong. */
  readCreatedChat(chatId: string, reply: ApiReply): { readonly status: string; readonly jid: string };
}

/** All calls throw an {@link EthoraError} for what cannot be sent. */
export interface EthoraBackend extends AppCalls {
  /** A token for the browser of this user, good for five minutes if nothing else is said. */
  clientToken(userId: string, options?: TokenOptions): string;
  /** The same in the original, flat form `{email, type, appId}`, signed with the secret itself, for a server that knows no other: prefer {@link clientToken}. Its user is the e-mail address. */
  flatClientToken(email: string, options?: TokenOptions): string;
  /** A token for requests of your own, good for one minute if nothing else is said. **Never for a browser**: it opens the whole app. */
  serverToken(options?: ServerTokenOptions): string;
  /**
   * Checks a token's signature, app and times. White space around it and the prefix `JWT ` are no part of it.
   * Throws `JWT_MALFORMED`, `JWT_ALG`, `JWT_SIGNATURE`, `JWT_AMBIGUOUS`, `JWT_TYPE`, `JWT_APP`, `JWT_NO_SUBJECT`, `JWT_EXPIRED`, `JWT_NOT_YET_VALID`.
   */
  verifyToken(token: string): VerifiedToken;
  updateUsers(users: readonly UserUpdate[]): ApiRequest;
  listUsers(query?: UserQuery): ApiRequest;
  getAppUserByXmppUsername(xmppUsername: string): ApiRequest;
  listApps(query?: AppQuery): ApiRequest;
  /** Creates a child of your app. */
  createApp(app: NewApp): ApiRequest;
  getApp(appId: string): ApiRequest;
  /** **Its users, its chats and their history go with it.** */
  deleteApp(appId: string): ApiRequest;
  /** The calls of a child app, or of your own by the paths that name it: the token is your app's, the path and the names are that app's. */
  inApp(appId: string): AppCalls;
  /**
   * Your own ids in a reply to {@link listUsers}: of its body `{"results": [{"xmppUsername": "{appId}_{userId}"}, …]}`, in that order, what stands after `{appId}_`. Throws `REPLY_INVALID` for any
   * other form, also where one entry has no such name, and what {@link check} throws.
   */
  readUserIds(reply: ApiReply): readonly string[];
  /** Throws what a reply says is wrong: `UNAUTHORIZED`, `FORBIDDEN`, `NOT_FOUND`, `ALREADY_EXISTS`, `REJECTED`, `SERVER_FAILED`, `REPLY_INVALID`. */
  check(reply: ApiReply): void;
  /** The original API below `baseUrl`. Throws `BASE_INVALID`, `SETTINGS_INVALID`. */
  original(baseUrl: string, settings?: OriginalSettings): OriginalCalls;
}

/** Compares your users' ids with Ethora's, sorted. It only reports: nothing is deleted. */
export type Comparison = { readonly missing: readonly string[]; readonly extra: readonly string[] };
