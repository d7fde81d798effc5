/** A socket whose code is loaded when it is connected. */
import { AuthframeError } from "../shared/error.js";
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

export function connectSocket(
  server: Server,
  current: CurrentVisitor,
  failure: EdnaFailure,
  listener: (frame: unknown) => void,
  onReady: (ready: boolean) => void = () => {},
): EdnaSocket {
  const owner = ownerOf(server, current, failure);
  let ready = false;
  let isClosed = false;
  let socket: ChatSocket | undefined;
  const becomeReady = (now: boolean) => {
    ready = now;
    safely(() => onReady(now));
  };
  const open = async () => {
    const { ChatSocket } = await import("./socket.js");
    if (!isClosed && current.bridge.connection !== "closed") socket = new ChatSocket(owner, listener, becomeReady);
  };
  open().catch((cause) => failure.set("EDNA_OFFLINE", cause));
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
      isClosed = true;
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
