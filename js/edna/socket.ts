/** The socket of an edna chat, for one visitor after the other. Loaded when one is connected. */
import { eventMember } from "../shared/event-member.js";
import { randomHex } from "../shared/random.js";
import { safely } from "../shared/safely.js";
import type { Unsubscribe } from "../shared/types.js";
import type { Server } from "./options.js";
import { isUsableId, type Visitor } from "./visitor.js";

/** What the socket asks for and reports to. */
export interface SocketOwner {
  readonly server: Omit<Server, "root">;
  readonly visitor: Visitor | null;
  /** Names this browser, for all its users. */
  readonly deviceUid: string;
  /** This visitor's browser, as the server knows it. */
  deviceAddress: string | null;
  /** Whether a visitor who goes comes back with the page. */
  readonly isSuspended: boolean;
  /** Resolves when the visitor has the values that the page has now. */
  withNewestValues(): Promise<void>;
  onClientLogout(listener: () => void): Unsubscribe;
  onVisitor(listener: (now: Visitor | null, before: Visitor | null) => void): Unsubscribe;
  /** It is open, and the visitor introduced. */
  works(): void;
  /** It was closed by the other side, with this code. */
  lost(code: number): void;
}

const FIRST_WAIT = 1000;
const LAST_WAIT = 30_000;
/** So long the server may take to accept the visitor. */
const PATIENCE = 20_000;
/** A socket that has been ready for so long was no accident. */
const STEADY = 30_000;
/** The close code of a connection that ended without one. */
const ABNORMAL = 1006;

/** Opens a socket now and for every visitor to come, until it is closed. */
export class ChatSocket {
  readonly #stop: readonly Unsubscribe[];
  #connection: Connection | null = null;
  #ready = false;
  #isClosed = false;
  #wait = FIRST_WAIT;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Closed because the values have expired: any new ones open it. */
  #expired = false;

  constructor(
    private readonly owner: SocketOwner,
    private readonly listener: (frame: unknown) => void,
    private readonly onReady: (ready: boolean) => void,
  ) {
    this.#stop = [
      owner.onClientLogout(() => this.#connection?.sendOffline()),
      owner.onVisitor((now, before) => this.#visitorChanged(now, before)),
    ];
    this.#open();
  }

  /** Only when it is ready. */
  send(content: object): void {
    this.#connection!.sendMessage(content);
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stop) stop();
    this.#drop();
  }

  #visitorChanged(now: Visitor | null, before: Visitor | null): void {
    // A header does not reach a socket.
    if (!this.#expired && valuesOf(now) === valuesOf(before)) return;
    const wasClient = before !== null && before.clientId !== null;
    if (wasClient && now?.clientId !== before.clientId && !this.owner.isSuspended) this.#connection?.sendOffline();
    this.#wait = FIRST_WAIT;
    this.#open();
  }

  /** After a loss. If the page has other values now that a socket depends on, that has opened it. */
  async #reopen(): Promise<void> {
    const before = valuesOf(this.owner.visitor);
    await this.owner.withNewestValues();
    if (!this.#isClosed && !this.#connection && valuesOf(this.owner.visitor) === before) this.#open();
  }

  #open(): void {
    this.#drop();
    this.#expired = false;
    const { visitor } = this.owner;
    if (!visitor) return;
    const connection = new Connection(this.owner, visitor, {
      frame: (frame) => safely(() => this.listener(frame)),
      ready: () => this.#accepted(),
      closed: (code) => this.#lost(code, visitor),
    });
    this.#connection = connection;
    // Without an answer it is as good as closed.
    this.#timer = setTimeout(() => connection.close(), PATIENCE);
  }

  #accepted(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#wait = FIRST_WAIT;
    }, STEADY);
    this.owner.works();
    this.#setReady(true);
  }

  #lost(code: number, visitor: Visitor): void {
    clearTimeout(this.#timer);
    this.#connection = null;
    this.owner.lost(code);
    this.#setReady(false);
    if (code === visitor.codes.ws) {
      // With the same values it would end the same way: others open it.
      this.#expired = true;
      return;
    }
    // Not all browsers at the same moment, when the server is back.
    this.#timer = setTimeout(() => this.#reopen(), this.#wait * (0.5 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, LAST_WAIT);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#connection?.abandon();
    this.#connection = null;
    this.#setReady(false);
  }

  #setReady(ready: boolean): void {
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.onReady(ready);
  }
}

interface ConnectionEvents {
  frame(frame: unknown): void;
  ready(): void;
  closed(code: number): void;
}

/** One socket for one visitor: it registers the browser, then introduces the visitor, and then it is ready. */
class Connection {
  readonly #socket: WebSocket;
  #state: "opening" | "registering" | "introducing" | "ready" | "abandoned" = "opening";
  /** The question of ours that waits for an answer. */
  #question = "";
  /** Of this visitor: by the time that they are reported as offline, the owner has the next one's. */
  #deviceAddress: string | null = null;

  constructor(
    private readonly owner: SocketOwner,
    private readonly visitor: Visitor,
    private readonly events: ConnectionEvents,
  ) {
    // Made anew for every socket: what has been replaced must not be offered again.
    this.#socket = new WebSocket(owner.server.socketAddress, [...visitor.protocols]);
    this.#socket.onopen = () => {
      if (this.#state !== "abandoned") this.#register();
    };
    this.#socket.onmessage = (event) => {
      if (this.#state !== "abandoned") this.#receive(parsed(eventMember(event, "data")));
    };
    this.#socket.onclose = (event) => {
      if (this.#state === "abandoned") return;
      this.#state = "abandoned";
      this.events.closed(eventMember(event, "code") ?? ABNORMAL);
    };
  }

  close(): void {
    this.#socket.close();
  }

  /** Closes it; it reports nothing any more. */
  abandon(): void {
    this.#state = "abandoned";
    this.#socket.close();
  }

  /** The visitor is not there any more. The server knows only one who was introduced. */
  sendOffline(): void {
    if (this.#state === "introducing" || this.#state === "ready") this.sendMessage(this.#about("CLIENT_OFFLINE"));
  }

  sendMessage(content: object): string {
    return this.#post("sendMessage", { content, important: false, deviceAddress: this.#deviceAddress });
  }

  #post(action: string, data: object): string {
    const correlationId = randomHex();
    this.#socket.send(JSON.stringify({ action, sendImmediately: true, data, correlationId }));
    return correlationId;
  }

  #receive(frame: unknown): void {
    const { correlationId, action, data } = Object(frame) as { correlationId?: unknown; action?: unknown; data?: unknown };
    if (!this.#question || correlationId !== this.#question) {
      this.events.frame(frame);
      return;
    }
    this.#question = "";
    if (action === "error") this.close();
    else if (this.#state === "registering") this.#introduce((Object(data) as { deviceAddress?: unknown }).deviceAddress);
    else {
      this.#state = "ready";
      this.events.ready();
    }
  }

  #register(): void {
    const { uid, appPackage } = this.owner.server;
    this.#state = "registering";
    this.#question = this.#post("registerDevice", {
      clientId: this.visitor.clientId ?? this.visitor.guestId,
      deviceAddress: this.owner.deviceAddress,
      providerUid: uid,
      appPackage,
      pnsPushAddress: null,
      deviceUid: this.owner.deviceUid,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      osName: "WEB",
      osVersion: 0,
      locale: navigator.language,
      deviceName: "WEB",
      deviceModel: "WEB",
      apiVersion: "19",
    });
  }

  #introduce(deviceAddress: unknown): void {
    if (!isUsableId(deviceAddress)) {
      this.close();
      return;
    }
    const { clientData } = this.visitor;
    this.#deviceAddress = deviceAddress;
    this.owner.deviceAddress = deviceAddress;
    this.#state = "introducing";
    this.#question = this.sendMessage({ ...this.#about("CLIENT_INFO"), ...(clientData === null ? {} : { data: clientData }) });
  }

  /** What the chat's server is notified of. */
  #about(type: string): object {
    const { clientId, guestId } = this.visitor;
    return {
      type,
      clientId: clientId ?? guestId,
      threadId: null,
      appMarker: this.owner.server.appMarker,
      chatApiVersion: "19",
      authorized: clientId !== null,
    };
  }
}

/** What a socket depends on. */
const valuesOf = (visitor: Visitor | null): string | null =>
  visitor &&
  JSON.stringify([
    visitor.clientId,
    visitor.guestId,
    visitor.clientData,
    visitor.signature,
    visitor.protocols,
    visitor.cookies,
    visitor.cookieOptions,
  ]);

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
