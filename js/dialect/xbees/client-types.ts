/** What an application gives to the client, and gets from it. */
import type { ConnectOptions } from "../../widget/index.js";
import type { Words } from "./words.js";

/** How the client connects. */
export interface ClientOptions {
  /** Who may embed the widget. Default: what `<meta name="authframe-hosts">` lists, separated by spaces; else what the bundler puts in for `AUTHFRAME_HOSTS`. */
  readonly hosts?: readonly string[];
  /** Also runs in the web view of the vendor's app, where nothing says who listens. Default `false`. */
  readonly native?: boolean;
  /** Names of the wire that the vendor does not document. */
  readonly words?: Partial<Words>;
  /** Sets this integration's sign-in apart from others of the same origin. Default `"xbees"`. */
  readonly namespace?: string;
  /** What the host posts to sign the user out. The vendor does not document it. Default `"xBeesLogout"`. */
  readonly logoutType?: string;
  /** Where the wasm comes from. */
  readonly wasm?: ConnectOptions["wasm"];
}

export interface Viewport {
  readonly height: number;
  readonly width: number;
}

/** A contact as x-bees shows it in its search. */
export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  readonly extension?: string;
  readonly mobileNumber?: string;
  readonly officeNumber?: string;
  readonly faxNumber?: string;
  readonly homeNumber?: string;
  readonly homeMobileNumber?: string;
  readonly organization?: string;
}

/** A person that the host would like to know more of. */
export interface ContactQuery {
  readonly email?: string;
  readonly phone?: string;
}

export interface Theme {
  readonly mode: "light" | "dark";
  readonly themeOptions?: { readonly typography?: unknown; readonly palette?: unknown };
}

/** What a request resolves with: the host's answer as it is, conventionally this. */
export interface Answer<T = unknown> {
  readonly type: string;
  readonly payload?: T;
  readonly message?: string;
}
