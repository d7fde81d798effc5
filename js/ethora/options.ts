/** What `connectEthora` takes, and what is wrong with it. */
import { apiAddress } from "../shared/address.js";
import { isDuration, isObject, LONGEST_LIFE, unknownKey } from "../shared/input-check.js";
import { shown } from "../shared/shown.js";
import type { ConnectOptions } from "../widget/index.js";
import { configInvalid } from "./config-error.js";
import { USUAL_AGE } from "./session-age.js";
import { requireVendorStorage } from "./vendor-storage.js";

/** Renewing the API's tokens, with the vendor's names. */
export interface RefreshTokens {
  /** `false`: they are not renewed. The session ends with its access token, in its last minute, and the page is asked for a new client token. */
  readonly enabled: boolean;
  /** Renews them by a way of yours, a server of your own for example, where else the API is asked. `null`: this session has ended. What it throws is treated as what `acquire` throws (docs/credentials.md). */
  readonly refreshFunction?: () => Promise<{ readonly accessToken: string; readonly refreshToken?: string } | null>;
}

/** How the widget connects: what `connect` takes, and where the chat is. */
export interface EthoraOptions extends Omit<ConnectOptions, "acquire"> {
  /** Of the app in the vendor's panel. A token for another one is refused before it is sent. */
  readonly appId: string;
  /** Of the API with its version, https (or http on loopback): `"https://api.chat.ethora.com/v1"`. The host has no say in it: tokens go there. */
  readonly baseUrl: string;
  /** Default `{ enabled: true }`; the vendor's component renews nothing unless it is switched on. */
  readonly refreshTokens?: RefreshTokens;
  /** After so many seconds a session ends, however often it was refreshed, and the page is asked for a new client token. 60 to 3,155,760,000. Default 2,592,000 (30 days), as the vendor's. */
  readonly maxSessionAge?: number;
  /** Whether what the vendor's component has left in clear in this origin's storage is removed; see `docs/dialects/ethora.md`. Default `"remove"`. `"keep"`: that component is in use here too. */
  readonly vendorStorage?: "remove" | "keep";
}

/** The options that are Ethora's, each with its value, and those of `connect`. */
export interface CheckedOptions {
  readonly appId: string;
  readonly base: string;
  readonly refreshTokens: RefreshTokens;
  readonly maxSessionAge: number;
  readonly vendorStorage: "remove" | "keep";
  readonly connect: Omit<ConnectOptions, "acquire">;
}

const SHORTEST_AGE = 60;

/** @throws AuthframeError `CONFIG_INVALID`. What `connect` takes is checked by `connect`. */
export function checkOptions(given: EthoraOptions): CheckedOptions {
  if (!isObject(given)) throw configInvalid(`the options are ${shown(given)}: give an object with hosts, appId and baseUrl`);
  const { appId, baseUrl, refreshTokens = { enabled: true }, maxSessionAge = USUAL_AGE, vendorStorage = "remove", ...connect } = given;
  if (typeof appId !== "string" || !appId) throw configInvalid(`appId is ${shown(appId)}: give the App ID of the vendor's panel, as text`);
  const base = apiAddress(baseUrl, "http");
  if (!base) throw configInvalid(`baseUrl is ${shown(baseUrl)}: give an https address such as https://api.chat.ethora.com/v1`);
  checkRefreshTokens(refreshTokens);
  if (!isDuration(maxSessionAge, LONGEST_LIFE, SHORTEST_AGE))
    throw configInvalid(`maxSessionAge is ${shown(maxSessionAge)}: give a number of seconds, ${SHORTEST_AGE} to ${LONGEST_LIFE}`);
  requireVendorStorage(vendorStorage);
  if ((connect as ConnectOptions).acquire !== undefined)
    throw configInvalid("acquire is Ethora's own here: leave it out, or use connect()");
  return { appId, base, refreshTokens, maxSessionAge, vendorStorage, connect };
}

function checkRefreshTokens(given: unknown): void {
  const { enabled, refreshFunction } = Object(given) as { enabled?: unknown; refreshFunction?: unknown };
  const isRight = isObject(given) && typeof enabled === "boolean" && ["undefined", "function"].includes(typeof refreshFunction);
  if (!isRight) throw configInvalid("refreshTokens is { enabled: true or false, refreshFunction?: a function }");
  const unknown = unknownKey(given, ["enabled", "refreshFunction"]);
  if (unknown !== undefined) throw configInvalid(`refreshTokens has no field ${shown(unknown)}: it has enabled and refreshFunction`);
}
