/** A socket whose code is loaded when it is connected. */
import { AuthframeError } from "../shared/error.js";
import { pause } from "../shared/pause.js";
import { safely } from "../shared/safely.js";
import type { CurrentVisitor } from "./current-visitor.js";
import type { EdnaFailure } from "./failures.js";
import type { Server } from "./options.js";
import type { ChatSocket, SocketOwner } from "./socket.js";
import { identityOf } from "./visitor.js";

export interface EdnaSocket {
  readonly ready: boolean;
  /**
   * Sends a message's content, such as `{ type: "MESSAGE", text }`.
   * @throws AuthframeError `DISCONNECTED` unless it is ready, `DATA_NOT_CLONEABLE` if it cannot be written as JSON
   */
  send(content: object): void;
  close(): void;
}

/** So long it waits before it loads the code again, at first and at last, in milliseconds. */
const FIRST_WAIT = 1000;
const LAST_WAIT = 30_000;

/** @param load gives the code of a socket; while that fails, it is called again */
export function connectSocket(
  server: Server,
  current: CurrentVisitor,
  failure: EdnaFailure,
  listener: (frame: unknown) => void,
  onReady: (ready: boolean) => void = () => {},
  load = () => import("./socket.js"),
): EdnaSocket {
  const owner = ownerOf(server, current, failure);
  let ready = false;
  const life = new AbortController();
  let socket: ChatSocket | undefined;
  const becomeReady = (now: boolean) => {
    ready = now;
    safely(() => onReady(now));
  };
  const isOver = () => life.signal.aborted || current.bridge.connection === "closed";
  const open = async () => {
    let wait = FIRST_WAIT;
    while (!isOver()) {
      try {
        const { ChatSocket } = await load();
        if (!isOver()) socket = new ChatSocket(owner, listener, becomeReady);
        return;
      } catch (cause) {
        if (!isOver()) failure.set("EDNA_OFFLINE", cause);
        await pause(wait, life.signal);
        wait = Math.min(wait * 2, LAST_WAIT);
      }
    }
  };
  // It ends in this way only when it is closed while it waits.
  open().catch(() => {});
  return {
    get ready() {
      return ready;
    },
    send(content) {
      if (!ready) throw new AuthframeError("DISCONNECTED", "the socket is not ready: wait until onReady is called with true", "network");
      try {
        JSON.stringify(content);
      } catch (cause) {
        throw new AuthframeError("DATA_NOT_CLONEABLE", "content: give what JSON.stringify takes", "app", cause);
      }
      socket!.send(content);
    },
    close() {
      life.abort();
      socket?.close();
    },
  };
}

const ownerOf = (server: Server, current: CurrentVisitor, failure: EdnaFailure): SocketOwner => ({
  server,
  get visitor() {
    return current.value;
  },
  get deviceAddress() {
    return current.deviceAddress;
  },
  set deviceAddress(address) {
    if (current.value && address !== null) current.memory.keepDeviceAddress(identityOf(current.value), address);
  },
  get deviceUid() {
    return current.memory.deviceUid;
  },
  get isSuspended() {
    return current.isSuspended;
  },
  withNewestValues: () => current.withNewestValues(),
  onVisitor: (listener) => current.onFirst(listener),
  onClientLogout: (listener) => current.onClientLogout(listener),
  works: () => failure.clear(),
  lost(code) {
    if (code === current.value?.codes.ws) current.expired("WS", code);
    else failure.set("EDNA_OFFLINE");
  },
});
