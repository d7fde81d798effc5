/** The socket of an edna chat. Loaded when one is connected; it imports no code, or esbuild would make a file of what both share. */
import type { Visitor } from "./visitor.js";
import type { Unsubscribe } from "../shared/types.js";

/** What the widget's half lends. */
export interface SocketContext {
  readonly endpoint: string;
  readonly uid: string | undefined;
  readonly appPackage: string | undefined;
  readonly appMarker: string | null;
  visitor(): Visitor | null;
  on(listener: (visitor: Visitor | null, before: Visitor | null) => void): Unsubscribe;
  /** This visitor's browser, as the server knows it; sets it if one is given. */
  device(given?: string): string | null;
  /** It is open, and the visitor introduced. */
  works(): void;
  /** It was closed by the other side, with this code. */
  lost(code: number): void;
  hand(listener: (value: never) => unknown, value: unknown): void;
}

export interface Socket {
  /** Only when it is ready. */
  send(content: object): void;
  close(): void;
}

const FIRST_WAIT = 1000;
const LAST_WAIT = 30_000;
/** So long the server may take to say who we are. */
const PATIENCE = 20_000;
/** A socket that has been ready for so long was no accident. */
const STEADY = 30_000;
/** The close code of a connection that ended without one. */
const ABNORMAL = 1006;

/** Opens a socket now and for every visitor to come, until it is closed. */
export function open(
  { endpoint, uid, appPackage, appMarker, visitor, on, device, works, lost, hand }: SocketContext,
  listener: (frame: unknown) => void,
  onReady: (ready: boolean) => void,
): Socket {
  const deviceUid = random();
  let socket: WebSocket | null = null;
  let ready = false;
  let wait = FIRST_WAIT;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Closed because the values have expired: any new ones open it. */
  let expired = false;

  const become = (next: boolean) => {
    if (ready !== next) onReady((ready = next));
  };
  const drop = () => {
    clearTimeout(timer);
    const old = socket;
    socket = null;
    old?.close();
    become(false);
  };
  const post = (action: string, data: object) => {
    const correlationId = random();
    socket!.send(JSON.stringify({ action, sendImmediately: true, data, correlationId }));
    return correlationId;
  };
  const send = (content: object) => post("sendMessage", { content, important: false, deviceAddress: device() });

  function begin() {
    drop();
    expired = false;
    const who = visitor();
    if (!who) return;
    const { clientId, guestId, clientData, codes } = who;
    const id = clientId ?? guestId;
    // Made anew for every socket: what has been replaced must not be offered again.
    const own = (socket = new WebSocket(endpoint, [...who.protocols]));
    let registering = true;
    // Without an answer it is as good as closed.
    timer = setTimeout(() => own.close(), PATIENCE);
    /** The question of ours that waits for an answer. */
    let asked = "";
    own.onopen = () => {
      if (own !== socket) return;
      asked = post("registerDevice", {
        clientId: id,
        deviceAddress: device(),
        providerUid: uid,
        appPackage,
        pnsPushAddress: null,
        deviceUid,
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        osName: "WEB",
        osVersion: 0,
        locale: navigator.language,
        deviceName: "WEB",
        deviceModel: "WEB",
        apiVersion: "19",
      });
    };
    own.onmessage = (event) => {
      if (own !== socket) return;
      const frame = parsed(of(event, "data"));
      const { correlationId, action, data: said } = Object(frame) as { correlationId?: unknown; action?: unknown; data?: unknown };
      if (!asked || correlationId !== asked) return hand(listener, frame);
      asked = "";
      if (action === "error") own.close();
      else if (registering) {
        const { deviceAddress } = Object(said) as { deviceAddress?: unknown };
        if (typeof deviceAddress !== "string") return own.close();
        registering = false;
        device(deviceAddress);
        asked = send({
          type: "CLIENT_INFO",
          data: clientData,
          clientId: id,
          threadId: null,
          appMarker,
          chatApiVersion: "19",
          authorized: clientId !== null,
        });
      } else {
        clearTimeout(timer);
        timer = setTimeout(() => (wait = FIRST_WAIT), STEADY);
        works();
        become(true);
      }
    };
    own.onclose = (event) => {
      if (own !== socket) return;
      const code = of(event, "code") ?? ABNORMAL;
      clearTimeout(timer);
      socket = null;
      lost(code);
      become(false);
      // With the same values it would end the same way: others open it.
      if (code === codes.ws) return void (expired = true);
      // Not all browsers at the same moment, when the server is back.
      timer = setTimeout(begin, wait * (0.5 + Math.random() / 2));
      wait = Math.min(wait * 2, LAST_WAIT);
    };
  }

  const values = (of: Visitor | null) =>
    of && JSON.stringify([of.clientId, of.guestId, of.clientData, of.signature, of.protocols, of.cookies, of.cookieOptions]);
  const stop = on((next, before) => {
    // A header does not reach a socket.
    if (!expired && values(next) === values(before)) return;
    wait = FIRST_WAIT;
    begin();
  });
  begin();
  return {
    send,
    close() {
      stop();
      drop();
    },
  };
}

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** An event that a script has made up may throw where it is read: then it says nothing. */
function of<E, K extends keyof E>(event: E, key: K): E[K] | undefined {
  try {
    return event[key];
  } catch {
    return undefined;
  }
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
