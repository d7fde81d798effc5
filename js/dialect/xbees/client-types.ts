/** What an application gives to the client, and gets from it. The names are the vendor's, and fields can be assigned, as in the vendor's types. */
import type { ConnectOptions } from "../../widget/index.js";
import type { Words } from "./words.js";

/** How the client connects. */
export interface ClientOptions {
  /** Who may embed the widget. Default: what `<meta name="authframe-hosts">` lists, separated by spaces; else what the bundler puts in for `AUTHFRAME_HOSTS`. Needed in a frame only. */
  readonly hosts?: readonly string[];
  /** Also runs in the web view of the vendor's app, where nothing says who listens. Default `false`. */
  readonly native?: boolean;
  /** Also runs in a sandbox without `allow-same-origin`, where nothing is stored and no other instance is reached. Default `false`. */
  readonly allowOpaqueOrigin?: boolean;
  /** Names of the wire that the vendor does not document. */
  readonly words?: Partial<Words>;
  /** Sets this integration's sign-in apart from others of the same origin. Default: by the path of the page, `"xbees"` at the root, `"xbees.crm"` at `/crm`, `/crm/` and `/crm/index.html`. */
  readonly namespace?: string;
  /** What the host sees as the version of its library, and offers features by. Default `"1.1.3"`. Before `"1.0.10"`, ready has no payload, as then. */
  readonly version?: string;
  /** What the host posts to sign the user out. The vendor does not document it. Default `"xBeesLogout"`. */
  readonly logoutType?: string;
  /** Where the wasm comes from. */
  readonly wasm?: ConnectOptions["wasm"];
}

export interface IPayloadViewPort {
  height: number;
  width: number;
}
export type Viewport = IPayloadViewPort;

/** A contact as x-bees shows it in its search. */
export interface Contact {
  id: string;
  name: string;
  email?: string;
  phone?: string;
  extension?: string;
  mobileNumber?: string;
  officeNumber?: string;
  faxNumber?: string;
  homeNumber?: string;
  homeMobileNumber?: string;
  organization?: string;
}
export type ContactShape = Contact;

/** A person that the host would like to know more of. */
export interface ContactQuery {
  email?: string;
  phone?: string;
}

/** Whom the user looks at in x-bees. A host of today says `contact`, one of earlier years the other two; as in the vendor's types, by which integrations are written, `contact` is always said to be there. */
export interface Context extends ContactQuery {
  contact: ContactQuery & Partial<Contact>;
  contactEmail?: string;
  contactPhone?: string;
}

export type ThemeMode = "light" | "dark";
export interface Theme {
  mode: ThemeMode;
  // biome-ignore lint/suspicious/noExplicitAny: it is Material UI's, which is no dependency of ours.
  themeOptions?: { typography?: any; palette?: any };
}

export type ToastSeverity = "INFO" | "NOTICE" | "WARNING" | "ERROR" | "SUCCESS";

/** What a request resolves with: the host's answer as it is, conventionally this. */
// biome-ignore lint/suspicious/noExplicitAny: the vendor's type; each answer has a payload of its own.
export interface ResponseMessage<T = any> {
  type: string;
  payload?: T;
  message?: string;
  errorMessage?: string;
}
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type Answer<T = any> = ResponseMessage<T>;
export type ResponseFromChannel = ResponseMessage;

export interface IPayloadVersion {
  version: string;
}
export interface IPayloadCallStart {
  phoneNumber: string;
}
export interface IPayloadAutoSuggestResult {
  contacts: Contact[];
  query?: string;
}
export interface IPayloadContactMatchResult {
  contact: Contact | null;
  query: ContactQuery;
}
/** A message of the wire. */
export interface Message<T extends string = string> {
  type: T;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  payload?: any;
}
export interface MessageIFrameResponse extends Message {
  iframeId?: string | null;
}

// As methods are compared: a callback may say that it takes less, or knows more of what it gets, than stands here.
/** Answers a search by `resolve`, or says why not by `reject`. */
export type SuggestListener = {
  listener(query: string, resolve: Resolve<Contact[]>, reject: Reject): unknown;
}["listener"];
/** Says whose an address or a number is by `resolve`, or by `reject` (or `null`) that it is not known. */
export type MatchListener = {
  listener(query: ContactQuery, resolve: Resolve<Contact | null>, reject: Reject): unknown;
}["listener"];
/** The same for many: answers by a map with an entry for each query, `null` where the contact is not known. It fails by throwing. */
export type BatchListener = {
  listener(queries: ContactQuery[], returnResults: Resolve<Map<ContactQuery, Contact | null>>): unknown;
}["listener"];
/** Takes the answer. Twice, because TypeScript compares a callback with one signature strictly, and published integrations say `unknown` here. */
export interface Resolve<T> {
  (result: T): void;
  (result: T): void;
}
/** The reason stays here: the wire has no word for it. */
export interface Reject {
  (reason?: unknown): void;
  (reason?: unknown): void;
}
// biome-ignore lint/suspicious/noExplicitAny: as in the vendor's types; each event has a payload of its own.
export type ListenerCallback = (payload: any) => unknown;
