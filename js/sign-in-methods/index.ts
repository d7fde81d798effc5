/**
 * authframe/sign-in-methods: who signs in? One button, which is the way that can work here, and when that one fails, says why and becomes the next: the host, cookies of your own, a window, a link.
 * There is always a next step that can be seen and reached by keyboard; what happens is announced; the focus stays where the user left it.
 *
 * @example
 * import { signInMethods } from "authframe/sign-in-methods";
 * signInMethods(bridge, {
 *   container: document.getElementById("sign-in"),
 *   cookie: ({ signal }) => fetch("/api/session", { credentials: "include", signal }).then(reply => (reply.ok ? reply.json() : null)),
 *   link: "https://chat.example/sign-in",
 * });
 */

import { safeAddress } from "../shared/address.js";
import { AuthframeError } from "../shared/error.js";
import type { Bridge, SignInOptions } from "../widget/index.js";
import { Controller } from "./controller.js";
import { type AskCookie, Methods, ORDER, type SignInMethod } from "./methods.js";
import { type SignInMethodsTexts, TEXTS } from "./texts.js";
import { View } from "./view.js";

export type { SignInMethod } from "./methods.js";
export type { SignInMethodsTexts } from "./texts.js";

export interface SignInMethodsOptions {
  /** Where it is shown, while no user is signed in. It is emptied. */
  readonly container: HTMLElement;
  /** Which methods there are, in this order. Default: all that can work here. */
  readonly methods?: readonly SignInMethod[];
  /** Asks your server whose cookie comes along. `null`: no user's. Without it there is no method `storage-access`. */
  readonly cookie?: AskCookie;
  /** For `bridge.signIn()`, if `connect` was given none. `false`: there is no method `popup`. */
  readonly signIn?: SignInOptions | false;
  /** Of a page of yours where the user can sign in; https, or http on loopback. Without it there is no method `link`. */
  readonly link?: string | URL;
  /** In your user's language. */
  readonly texts?: Partial<SignInMethodsTexts>;
  /** What gets the focus once a user is signed in, if it was in here. Default: the container. */
  readonly returnFocus?: HTMLElement;
  /** Called with the method that is shown, `null`: a user is signed in; and with what the one before failed with. */
  readonly onMethod?: (method: SignInMethod | null, failure: AuthframeError | null) => void;
}

export interface SignInMethods {
  readonly method: SignInMethod | null;
  /** What the method before failed with, or `null`. */
  readonly failure: AuthframeError | null;
  close(): void;
}

/** Shows it whenever no user is signed in. */
export function signInMethods(
  bridge: Bridge,
  { container, methods: order = ORDER, cookie, signIn = {}, link, texts = {}, returnFocus = container, onMethod }: SignInMethodsOptions,
): SignInMethods {
  const address = link === undefined ? null : safeAddress(link);
  if (address === undefined) throw new AuthframeError("CONFIG_INVALID", "link is an https address without a user name", "app");
  const allTexts = { ...TEXTS, ...texts };
  const view = new View(container, returnFocus, allTexts, address);
  const methods = new Methods(bridge, cookie, signIn, address !== null);
  const controller = new Controller(bridge, view, methods, order, allTexts, onMethod);
  return {
    get method() {
      return controller.method;
    },
    get failure() {
      return controller.failure;
    },
    close: () => controller.close(),
  };
}
