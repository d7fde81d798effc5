/** The options of a widget of edna. */
import { apiAddress } from "../shared/address.js";
import type { ConnectOptions } from "../widget/index.js";
import { type Allowed, allowedNames } from "./allowed-names.js";
import { invalid } from "./failures.js";

/** How the widget connects: what `connect` takes, and where the chat is. The page has no say in that: its visitor's secrets go there. */
export interface EdnaOptions extends Omit<ConnectOptions, "acquire" | "credentials"> {
  /** Of the HTTP API, https (or http on loopback). Cookies of `extendedAuth` reach it only on the widget's own host, or on the `Domain` of its site that their options name. */
  readonly rootUrl: string;
  /** wss (or ws on loopback). */
  readonly websocketUrl: string;
  /** What the vendor's settings have as `uid`, `package` and `appMarker`: they name the channel. At most 256 characters each. */
  readonly uid?: string;
  readonly package?: string;
  readonly appMarker?: string;
  /**
   * The names of the headers that a page may set by its `headersMap`, in any case of letters, at most 16. Default: those of the vendor's documentation, `Header-Name`, `X-Auth-Token` and
   * `X-Token-Type`. `Authorization` is sent only if it is listed. What belongs to the browser or the connection (`Cookie`, `Host`, `Origin`, `Sec-…`, `Proxy-…`) cannot be listed.
   */
  readonly hostHeaders?: readonly string[];
  /**
   * The names of the cookies that a page may set, at most 16. Default: those of the vendor's documentation, `custom-property`, `token` and `type`. Never list a cookie of your own, such as
   * `session`: a page could replace it. `__Host-…`, `__Secure-…` and `__Http-…` cannot be listed. Of n names each cookie has at most 6,144 / n bytes, and at most 4,096.
   */
  readonly hostCookies?: readonly string[];
}

/** Of what names the channel. */
const LONGEST = 256;

/** The chat's server, and what it calls the channel. */
export interface Server {
  /** Without a slash at the end. */
  readonly root: string;
  readonly socketAddress: string;
  readonly uid: string | undefined;
  readonly appPackage: string | undefined;
  readonly appMarker: string | null;
}

export interface CheckedOptions {
  readonly server: Server;
  /** What a page may set. */
  readonly allowed: Allowed;
  /** For `connect`. */
  readonly bridge: Omit<ConnectOptions, "acquire" | "credentials">;
}

/** @throws AuthframeError `CONFIG_INVALID` */
export function checkedOptions(given: EdnaOptions): CheckedOptions {
  if (typeof given !== "object" || given === null) throw invalid("connectEdna() takes an object with hosts, rootUrl and websocketUrl");
  const { rootUrl, websocketUrl, uid, package: appPackage, appMarker = null, hostHeaders, hostCookies, ...bridge } = given;
  const root = apiAddress(rootUrl, "http");
  if (!root) throw invalid("rootUrl: give an https address (http on loopback) without user name, query and fragment");
  const socketAddress = apiAddress(websocketUrl, "ws");
  if (!socketAddress) throw invalid("websocketUrl: give a wss address (ws on loopback) without user name, query and fragment");
  for (const [name, value] of Object.entries({ uid, package: appPackage, appMarker }))
    if (value != null && (typeof value !== "string" || value.length > LONGEST))
      throw invalid(`${name}: give a text of at most ${LONGEST} characters, or leave it out`);
  const allowed = allowedNames(hostHeaders, hostCookies);
  if (typeof allowed === "string") throw invalid(allowed);
  return { server: { root, socketAddress, uid, appPackage, appMarker }, allowed, bridge };
}
