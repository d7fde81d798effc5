/** What may be wrong, in words for both faces: what is called otherwise in Rust stands in brackets. Loaded when it is asked for. */

import type { AuthframeError } from "../shared/error.js";
import { type StorageAccess, storageAccess } from "../storage-access/state.js";
import { publicSuffixOf } from "./public-suffixes.js";
import type { Bridge, Finding, HostEntry } from "./types.js";

/** What the bridge alone does not show. */
export interface Evidence {
  /** By how many milliseconds the newest token was past its end when it came; zero if it was not. */
  readonly deadOnArrival: number;
  readonly hosts: readonly HostEntry[];
}

type Rule = readonly [code: string, applies: (bridge: Bridge, evidence: Evidence) => boolean, problem: string, remedy: string];

const IS_GRANT = /^(ACCOUNT|TOKEN|LIFETIME)_INVALID$/;

/** The gravest first. */
const RULES: readonly Rule[] = [
  [
    "CLOCK_WRONG",
    (_, { deadOnArrival }) => deadOnArrival > 0,
    "The newest access token was past its end when it came: this browser's clock is ahead, the server's is behind, or an old token was given.",
    "Give the lifetime in seconds, expiresIn (with_expires_in), instead of the moment, expiresAt (with_expires_at); or, in TypeScript, serverTime beside it. A host page names a user with a token that is still good. If only this machine is affected, its clock is wrong.",
  ],
  ["CLOSED", ({ connection }) => connection === "closed", "This bridge was closed.", "Call connect() (Bridge::connect) again."],
  [
    "VERSION_MISMATCH",
    ({ failure }) => failure?.code === "VERSION_MISMATCH",
    "The host speaks another version of the protocol.",
    "Update the older of the two: authframe in the widget, or authframe in the host page.",
  ],
  [
    "OPAQUE_ORIGIN",
    ({ failure }) => failure?.code === "OPAQUE_ORIGIN",
    "The host refused a frame without an origin.",
    "Add allow-same-origin to the frame's sandbox, or let the host page allow it too: allowOpaqueOrigin: true in embed() (EmbedOptions::allow_opaque_origin).",
  ],
  [
    "PARENT_UNKNOWN",
    (bridge) => bridge.connection === "connecting" && bridge.environment().parent === null && bridge.environment().scope !== "top",
    "This browser does not say who embeds the page, and no allowed host has spoken yet.",
    "Embed with authframe/host (authframe::host), which speaks first when need be; check the list of hosts, and that the host page does not send Referrer-Policy: no-referrer.",
  ],
  [
    "HOST_SILENT",
    ({ connection }) => connection === "connecting",
    "The embedding page is allowed, but has not answered.",
    "Check that it calls embed() of authframe/host (Widget::embed of authframe::host) with this page's origin and the same channel.",
  ],
  [
    "HOST_GONE",
    ({ connection }) => connection === "disconnected",
    "The host ended the connection.",
    "It may come back by calling embed() (Widget::embed) again.",
  ],
  [
    "ORIGIN_REJECTED",
    ({ rejected }) => rejected.origin > 0,
    "The parent window sent messages from an origin that is not in hosts.",
    "If that page should embed the widget, add its exact origin to hosts; else a foreign page has tried.",
  ],
  [
    "REPLAY_REJECTED",
    ({ rejected }) => rejected.replay > 0,
    "A handshake answer was late or came twice.",
    "Once or twice is harmless (a slow page). If it grows, messages are being replayed.",
  ],
  [
    "SHAPE_REJECTED",
    ({ rejected }) => rejected.malformed > 0,
    "The host sent messages with missing or oversized fields.",
    "Compare what it sends with docs/protocol.md; update authframe in the host page.",
  ],
  [
    "RATE_REJECTED",
    ({ rejected }) => rejected.rate > 0,
    "The host sent more messages a second than the limit, and some were dropped.",
    "Send less often, or several values in one message.",
  ],
  [
    "ACQUIRE_FAILED",
    ({ failure, session }) =>
      failure?.code === "ACQUIRE_FAILED" || session.reason === "acquire-failed" || session.reason === "acquire-timeout",
    "acquire failed when it was asked last, in this tab or in another one whose server asked to come again later.",
    "Look at your acquire and the server behind it: it threw (in Rust: gave an Err), took 30 s, found no user, or passed on a pause (RetryLater; AcquireError::Later). What failed is asked again by itself, unless the user has been signed out meanwhile; after a refusal (AuthRejected; AcquireError::Refused), or where it found no user, it is not.",
  ],
  [
    "ACCOUNT_MISMATCH",
    ({ session }) => session.reason === "account-mismatch",
    "acquire gave another account than the one signed in by another tab.",
    "Make both ask the same server session.",
  ],
  [
    "CREDENTIAL_DAMAGED",
    ({ failure }) => failure?.code === "CREDENTIAL_DAMAGED",
    "The stored credential could not be read, and the user was signed out in every tab.",
    "Sign in again. Do not write to the IndexedDB database authframe yourself; use one version and one credentials policy in every page of this origin.",
  ],
  [
    "CREDENTIAL_STORE_UNAVAILABLE",
    ({ failure }) => failure?.code === "CREDENTIAL_STORE_UNAVAILABLE",
    "IndexedDB does not work here: credentials last until the tab closes.",
    "Usually storage is blocked or full, or the sandbox lacks allow-same-origin. Storing, and destroying after a sign-out, is tried again. Let acquire answer restore from your server.",
  ],
  [
    "GRANT_INVALID",
    ({ failure }) => IS_GRANT.test(failure?.code ?? ""),
    "acquire gave something that is no grant, so it counts as failed.",
    "Give what is said there; in Rust, Grant and Account make only what is one.",
  ],
  [
    "REFRESH_UNGUARDED",
    (bridge) => bridge.environment().refresh === "best-effort",
    "This browser has neither IndexedDB nor Web Locks here: two tabs may refresh at the same time.",
    "Use a server that tolerates a second use of a refresh token for a while.",
  ],
  [
    "STORAGE_DENIED",
    (bridge) => bridge.environment().storage === "memory",
    "Neither localStorage nor sessionStorage works: a reload forgets, other tabs are not notified.",
    "Usually the user blocks third-party cookies or the sandbox lacks allow-same-origin. Let the host name the user (identity) on each load.",
  ],
  [
    "STORAGE_SESSION",
    (bridge) => bridge.environment().storage === "session",
    "localStorage does not work: other tabs are not notified of changes.",
    "Check the browser's settings for this site and its quota.",
  ],
  [
    "STORAGE_DAMAGED",
    ({ rejected }) => rejected.storage > 0,
    "The stored record was damaged, or written by a later version of authframe.",
    "Update authframe in every page of this origin, and do not write to this key yourself. If no later version is in use here, call reset() of the bridge: it signs the user out in every tab and writes a new record. This is counted since the bridge was made, so it stays here after a reset.",
  ],
  [
    "PUBLIC_SUFFIX",
    (_, { hosts }) => hosts.some((host) => suffixOf(host) !== undefined),
    "An entry of hosts lets every site below a public suffix embed the widget, such as all customers of one hosting service.",
    "List the exact origins, or a pattern below your own name.",
  ],
  [
    "PARTITIONED",
    (bridge) => bridge.environment().shares === "host-site",
    "The browser keeps this widget apart for each host site.",
    "Expected. Other tabs of this host site follow; the same widget under another host, or opened on its own, does not.",
  ],
];

/** What `acquire` threw, or what is wrong with what it gave. */
function saidBy(failure: AuthframeError | null, code: string): string {
  const isOfAcquire = code === "GRANT_INVALID" || (code === "ACQUIRE_FAILED" && failure?.code === code);
  return isOfAcquire ? ` ${failure?.message}` : "";
}

function suffixOf(host: HostEntry): string | undefined {
  const origin = typeof host === "string" ? host : "origin" in host ? host.origin : undefined;
  return publicSuffixOf(origin ?? "");
}

const OTHERWISE =
  "Sign in by the host (requestSignIn; request_sign_in), by a window (signIn; sign_in) or by a link to a page of your site.";

/** Where a widget is kept apart: what stands between it and its own site's cookies. */
const ACCESS: Readonly<Record<StorageAccess["state"], readonly [problem: string, remedy: string] | null>> = {
  granted: null,
  prompt: [
    "The cookies of the widget's own site do not come along here, but the browser can be asked for them.",
    "In a click ask the browser: requestStorageAccess() of authframe/storage-access, or leave it to authframe/sign-in-methods. Without the npm package, as in Rust: document.requestStorageAccess(), and when it resolves ask your server who is signed in.",
  ],
  denied: ["The user, or the browser on the user's behalf, keeps the cookies of the widget's own site away here.", OTHERWISE],
  policy: [
    "The host page forbids to ask for the cookies of the widget's own site.",
    'The host: allow="storage-access" on the frame, and no storage-access=() in its Permissions-Policy.',
  ],
  sandboxed: [
    "The frame has no origin, so it has no cookies and can ask for none.",
    "The host: allow-same-origin and allow-storage-access-by-user-activation in sandbox, or no sandbox.",
  ],
  unsupported: ["This browser cannot be asked for the cookies of the widget's own site, or the page is not on https.", OTHERWISE],
};

export async function diagnose(bridge: Bridge, evidence: Evidence): Promise<readonly Finding[]> {
  const found = RULES.filter(([, applies]) => applies(bridge, evidence)).map(([code, , problem, remedy]) => ({
    code,
    problem: problem + saidBy(bridge.failure, code),
    remedy,
  }));
  const { scope, shares } = bridge.environment();
  if (scope !== "cross-site-frame" || shares === "origin") return found;
  const { state } = await storageAccess();
  const access = ACCESS[state];
  return access ? [...found, { code: `STORAGE_ACCESS_${state.toUpperCase()}`, problem: access[0], remedy: access[1] }] : found;
}
