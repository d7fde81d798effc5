/** The registrar's requests and replies. `src/webex/line/request.rs` and `reply.rs` are the same for callers in Rust: `tests/vectors/webex/` holds both. */
import { field, type Rule, text, when } from "../shared/read.js";
import { upTo, uuid } from "./record.js";
import type { DeviceDetails, Send } from "./turn.js";
import type { LineOptions, Registrar } from "./types.js";

/** Who registers, and for what. */
export type Registrant = Pick<Registrar, "userId" | "clientDeviceUri"> & Pick<LineOptions, "indicator" | "domain" | "jwe">;

/** All but the token. */
export function requestOf({ userId, clientDeviceUri, indicator = "calling", domain = "", jwe }: Registrant, { purpose, deviceUrl }: Send) {
  const method = { register: "POST", keepalive: "POST", deregister: "DELETE", ping: "GET" }[purpose];
  // Without a token nothing else goes along either.
  if (purpose === "ping") return { method, headers: {}, body: null };
  const headers: Record<string, string> = {
    "cisco-device-url": deviceUrl ?? clientDeviceUri,
    "spark-user-agent": "webex-calling/beta",
    trackingid: `${purpose === "keepalive" ? "web_worker_" : "webex-web-client_"}${uuid()}`,
  };
  if (purpose !== "register") return { method, headers, body: null };
  headers["content-type"] = "application/json";
  return { method, headers, body: JSON.stringify({ userId, clientDeviceUri, serviceData: { indicator, domain, jwe } }) };
}

/** What the machine goes by, of a reply. What cannot be read is not there. */
export interface Answer {
  readonly errorCode: number | undefined;
  /** What was made. */
  readonly made: (DeviceDetails & { readonly deviceId: string; readonly uri: string; readonly keepaliveInterval: number }) | undefined;
  /** The first of a refusal because of too many. */
  readonly other: { readonly deviceId: string; readonly uri: string; readonly clientDeviceUri: string | undefined } | undefined;
}

const LONGEST_REPLY = 65_536;
const LONGEST_TEXT = 1024;
const MOST_ADDRESSES = 32;

const line = text(LONGEST_TEXT, /./s);
/** As wide as the machine takes it. */
const code = upTo(0xffff);
/** A number, also if it comes as its digits. */
const number: Rule<number> = (value) => {
  const found = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return when(Number.isFinite(found), found);
};
const interval: Rule<number> = (value) => {
  const found = number(value);
  return when(Number(found) > 0, found);
};
const lines: Rule<string[]> = (value) =>
  Array.isArray(value) ? value.slice(0, MOST_ADDRESSES).filter((item) => line(item) !== undefined) : [];

export function readAnswer(reply: string): Answer {
  const body = parsed(reply);
  const device = field(body, "device");
  const deviceId = field(device, "deviceId", line);
  const other = field(field(body, "devices"), "0");
  const otherId = field(other, "deviceId", line);
  const otherUri = field(other, "uri", line);
  return {
    errorCode: field(body, "errorCode", code),
    made:
      deviceId === undefined
        ? undefined
        : {
            deviceId,
            uri: field(device, "uri", line) ?? "",
            addresses: field(device, "addresses", lines) ?? [],
            lastSeen: field(device, "lastSeen", line) ?? null,
            keepaliveInterval: field(body, "keepaliveInterval", interval) ?? 0,
            callKeepaliveInterval: field(body, "callKeepaliveInterval", interval) ?? null,
            rehomingIntervalMin: field(body, "rehomingIntervalMin", interval) ?? null,
            rehomingIntervalMax: field(body, "rehomingIntervalMax", interval) ?? null,
            voicePortalNumber: field(body, "voicePortalNumber", number) ?? null,
            voicePortalExtension: field(body, "voicePortalExtension", number) ?? null,
          },
    other: otherId && otherUri ? { deviceId: otherId, uri: otherUri, clientDeviceUri: field(other, "clientDeviceUri", line) } : undefined,
  };
}

function parsed(reply: string): unknown {
  try {
    return reply.length <= LONGEST_REPLY ? JSON.parse(reply) : undefined;
  } catch {
    return undefined;
  }
}
