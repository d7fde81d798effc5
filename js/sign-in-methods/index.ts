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
import { createElement } from "../shared/own-document.js";
import { AuthframeError, type Bridge, type Grant, type SignInOptions } from "../widget/index.js";
import { safeAddress } from "../shared/safe-address.js";
import { requestStorageAccess, storageAccess } from "../storage-access/index.js";

/**
 * - `host`: the page that embeds the widget signs the user in; there is such a method where it has `onSignInRequest`
 * - `storage-access`: the browser is asked for the site's own cookies, and `cookie` says whose they are; where the browser can be asked
 * - `popup`: `bridge.signIn()`
 * - `link`: your site in a tab of its own
 */
export type SignInMethod = "host" | "storage-access" | "popup" | "link";

export interface SignInMethodsOptions {
  /** Where it is shown, while nobody is signed in. It is emptied. */
  readonly container: HTMLElement;
  /** Which methods there are, in this order. Default: all that can work here. */
  readonly methods?: readonly SignInMethod[];
  /** Asks your server whose cookie comes along. `null`: nobody's. Without it there is no method `storage-access`. */
  readonly cookie?: (request: { readonly signal: AbortSignal }) => Grant | null | PromiseLike<Grant | null>;
  /** For `bridge.signIn()`, if `connect` was given none. `false`: there is no method `popup`. */
  readonly signIn?: SignInOptions | false;
  /** Of a page of yours where the user can sign in; https, or http on loopback. Without it there is no method `link`. */
  readonly link?: string | URL;
  /** In your user's language. */
  readonly texts?: Partial<SignInMethodsTexts>;
  /** Whom the focus goes to once somebody is signed in, if it was in here. Default: the container. */
  readonly returnFocus?: HTMLElement;
  /** Hears which method is shown, `null`: somebody is signed in; and what the one before failed with. */
  readonly onMethod?: (method: SignInMethod | null, failure: AuthframeError | null) => void;
}

/** What is read and heard. */
export interface SignInMethodsTexts {
  /** The buttons. */
  readonly host: string;
  readonly "storage-access": string;
  readonly popup: string;
  readonly link: string;
  /** While something is under way, and how it is ended. */
  readonly waiting: string;
  readonly cancel: string;
  /** Above the first method, above a next one or the same again, and once somebody is signed in. */
  readonly first: string;
  readonly failed: string;
  readonly again: string;
  readonly blocked: string;
  readonly cancelled: string;
  readonly unknown: string;
  readonly visited: string;
  readonly done: string;
}

export interface SignInMethods {
  readonly method: SignInMethod | null;
  /** What the method before failed with, or `null`. */
  readonly failure: AuthframeError | null;
  close(): void;
}

const TEXTS: SignInMethodsTexts = {
  host: "Sign in on this page",
  "storage-access": "Use my sign-in from before",
  popup: "Sign in with a window",
  link: "Sign in on our own page",
  waiting: "One moment…",
  cancel: "Cancel",
  first: "You are not signed in.",
  failed: "That did not work. Here is another way.",
  again: "That did not work. Try again.",
  blocked: "Your browser blocked the window. Here is another way.",
  cancelled: "You are not signed in.",
  unknown: "You have not signed in there yet. Here is another way.",
  visited: "Once you have signed in there, come back and go on here.",
  done: "You are signed in.",
};
/** So long the widget's own server may take to accept a user. */
const PATIENCE = 30_000;
const ORDER: readonly SignInMethod[] = ["host", "storage-access", "popup", "link"];

/** Shows it whenever nobody is signed in. */
export function signInMethods(
  bridge: Bridge,
  { container, methods = ORDER, cookie, signIn = {}, link, texts = {}, returnFocus = container, onMethod }: SignInMethodsOptions,
): SignInMethods {
  const text = { ...TEXTS, ...texts };
  const address = link === undefined ? null : safeAddress(link);
  if (address === undefined) throw new AuthframeError("CONFIG_INVALID", "link is an https address without a user name", "app");
  const over = new AbortController();
  let method: SignInMethod | null = null;
  let failure: AuthframeError | null = null;
  let cancelling: AbortController | null = null;

  // One of each for good: a reader announces what changes in an element that it knows, and the focus stays on one that stays.
  const said = element("p", { role: "status" });
  const button = element("button", { type: "button" });
  const away = element("a", { target: "_blank", rel: "noopener" });
  const cancel = element("button", { type: "button" });
  container.classList.add("authframe-sign-in-methods");
  container.replaceChildren(said, button, away, cancel);
  if (returnFocus === container) container.tabIndex = -1;
  cancel.textContent = text.cancel;
  if (address) away.href = address.href;

  const can: Record<SignInMethod, () => boolean | Promise<boolean>> = {
    host: () => bridge.connection === "connected" && bridge.capabilities.includes("sign-in"),
    "storage-access": async () => !!cookie && /^(granted|prompt)$/.test((await storageAccess()).state),
    popup: () => signIn !== false,
    link: () => !!address,
  };
  const attempt: Record<Exclude<SignInMethod, "link">, (signal: AbortSignal) => Promise<unknown>> = {
    host: () => bridge.requestSignIn({ timeoutMs: 120_000 }),
    async "storage-access"(signal) {
      // In the click.
      await requestStorageAccess();
      const grant = await cookie!({ signal });
      if (grant) await bridge.authorize(grant);
      return grant;
    },
    popup: (signal) => bridge.signIn({ ...(signIn as SignInOptions), signal }).then(() => true),
  };

  function show(message: string): void {
    said.textContent = message;
    const busy = cancelling !== null;
    const linked = method === "link";
    const held = container.contains(document.activeElement);
    [button.hidden, away.hidden, cancel.hidden] = [method === null || linked || busy, !linked || busy, !busy];
    if (method) (linked ? away : button).textContent = text[method];
    // What had the focus may be hidden now.
    if (held) (busy ? cancel : linked ? away : button).focus();
  }

  let turn = 0;

  /** The next method that can work after this one; beyond the last it begins anew. */
  async function next(after: SignInMethod | null, message: string, reason: AuthframeError | null): Promise<void> {
    const mine = ++turn;
    const from = after === null ? 0 : methods.indexOf(after) + 1;
    for (const each of [...methods.slice(from), ...methods.slice(0, from)]) {
      const able = await can[each]();
      if (mine !== turn || over.signal.aborted || bridge.session.status === "authorized") return;
      if (able) return stand(each, each === after ? text.again : message, reason);
    }
    // None can: then the same again, or else to say so is all there is.
    if (after) stand(after, text.again, reason);
    else show(message);
  }

  function stand(on: SignInMethod, message: string, reason: AuthframeError | null): void {
    if (over.signal.aborted) return;
    [method, failure] = [on, reason];
    show(message);
    onMethod?.(method, failure);
  }

  async function press(): Promise<void> {
    const tried = method;
    if (!tried || tried === "link" || cancelling) return;
    const own = (cancelling = new AbortController());
    // What asks the browser has to be asked now.
    const going = attempt[tried](own.signal);
    const ended = new Promise<never>((_, reject) => own.signal.addEventListener("abort", () => reject(failed("SIGN_IN_CANCELLED"))));
    show(text.waiting);
    try {
      const somebody = await Promise.race([going, ended]);
      if (somebody) await Promise.race([authorized(), ended]);
      cancelling = null;
      if (!somebody) await next(tried, text.unknown, null);
    } catch (error) {
      cancelling = null;
      const reason = error instanceof AuthframeError ? error : failed("SIGN_IN_FAILED", error);
      // Whoever changed his mind may change it again; what failed is not offered at once.
      if (reason.code === "SIGN_IN_CANCELLED") stand(tried, text.cancelled, reason);
      else await next(tried, reason.code === "SIGN_IN_BLOCKED" ? text.blocked : text.failed, reason);
    }
  }

  const failed = (code: "SIGN_IN_CANCELLED" | "SIGN_IN_FAILED", cause?: unknown) =>
    new AuthframeError(code, `${code}: see cause`, code === "SIGN_IN_FAILED" ? "network" : "user", cause);

  /** A user was named, or has come back: whether the widget's own server takes him shows in the session. */
  const authorized = () =>
    new Promise<void>((resolve, reject) => {
      let begun = false;
      const end = (done: () => void) => {
        clearTimeout(timer);
        queueMicrotask(() => stop());
        done();
      };
      const timer = setTimeout(() => end(() => reject(failed("SIGN_IN_FAILED"))), PATIENCE);
      const stop = bridge.subscribe(({ status }) => {
        if (status === "authorized") end(resolve);
        else if (status === "authorizing") begun = true;
        else if (begun && status === "unauthorized") end(() => reject(failed("SIGN_IN_FAILED")));
      });
    });

  button.addEventListener("click", () => void press().catch(reportError));
  cancel.addEventListener("click", () => cancelling?.abort());
  // Signed in over there, his cookies may come along: from the first method on.
  away.addEventListener("click", () => void next(null, text.visited, null).catch(reportError));
  const stops = [
    bridge.subscribe(({ status }) => {
      if (status === "authorized") {
        const held = container.contains(document.activeElement) && document.activeElement !== container;
        cancelling = method = failure = null;
        show(text.done);
        if (held) returnFocus.focus();
        onMethod?.(null, null);
      } else if (status === "unauthorized" && method === null) void next(null, text.first, null).catch(reportError);
    }),
    bridge.onConnection((state) => {
      // Now it is known whether the host can.
      if (state === "connected" && method !== null && !cancelling && failure === null) void next(null, text.first, null).catch(reportError);
      if (state === "closed") close();
    }),
  ];
  function close(): void {
    over.abort();
    cancelling?.abort();
    for (const stop of stops) stop();
    container.replaceChildren();
  }
  show("");

  return {
    get method() {
      return method;
    },
    get failure() {
      return failure;
    },
    close,
  };
}

function element<Name extends "a" | "button" | "p">(name: Name, attributes: Record<string, string>): HTMLElementTagNameMap[Name] {
  const made = createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
