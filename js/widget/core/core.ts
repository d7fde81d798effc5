/**
 * The border to the core: `Core` is what it takes, `Sink` what it reports to. `src/bindings/` is the other side; the compiler compares `Core` with it.
 * A method throws the code of an error, where it says so: `checked` in `failure.ts` makes the error of it.
 */

import type { ConnectionState, Session } from "../../shared/types.js";
import type {
  AcquireFailure,
  AcquireReason,
  CoreCode,
  CredentialPolicy,
  Kept,
  StorageTier,
  StoreFailure,
  StoreLock,
  StoreTask,
} from "../../shared/words.js";
import type { Rejected } from "../types.js";

export interface CoreOptions {
  readonly namespace: string;
  readonly channel: string;
  readonly allowOpaqueOrigin: boolean;
  /** Whether the application answers `acquire`. */
  readonly acquire: boolean;
  readonly credentials: CredentialPolicy;
  /** Where the shared record is kept, if not in this window's own storage. */
  readonly area: Storage | undefined;
}

/** What the core knows at any time. */
export interface Facts {
  /** This tab. */
  readonly id: string;
  /** Where the shared record is kept. */
  readonly tier: StorageTier;
  readonly host: string | null;
  /** By how many milliseconds the newest token was dead when it came. */
  readonly deadOnArrival: number;
  readonly rejected: Rejected;
}

/** What is to be written to the credential store, and which credential with it. */
export interface Decision {
  readonly record: object;
  readonly credential: Kept;
}

export interface Core {
  /** Lets a page of this origin embed the widget, and says what it speaks. Throws. */
  allow(origin: string, dialect: string): void;
  /** Throws. */
  start(): void;
  /** Takes a message of the window that came before the start. */
  receive(event: MessageEvent): void;
  /** Posts a message of the application on the port. Throws. */
  post(message: unknown): void;
  /** A token that is good for so many milliseconds more; `undefined`: wait for `Sink.token`. Throws. */
  accessToken(validity: number): string | undefined;
  /** Throws, from inside a getter that is being read, and after the end. */
  facts(): Facts;
  /** Throws. */
  beginSignIn(): void;
  /** Signs an account in; `Sink.settled` says by the number of the call when that holds. Throws. */
  authorize(call: number, grant: unknown): void;
  /** The same. Throws. */
  signOut(call: number, reason: string): void;
  /** The same; it writes over what stands in the shared record and the credential store. Throws. */
  reset(call: number): void;
  /** Ends the bridge; afterwards everything that throws throws `CLOSED`, and nothing else has an effect. Throws, from inside a getter that is being read. */
  close(): void;

  /** What `acquire` gave. */
  acquired(id: number, grant: unknown): void;
  /** Why it gave nothing. `pause`: for how many milliseconds a server has said not to ask again, for `later`. */
  acquireFailed(id: number, failure: AcquireFailure, pause: number): void;
  /**
   * Within the transaction of a task of the credential store: what stands there (`undefined`: nothing, `null`: there is no store) → what is to stand there, or `undefined` to leave it.
   */
  storeFound(id: number, lock: StoreLock, record: unknown): Decision | undefined;
  /** The task is done: this credential stands there now. */
  storeDone(id: number, credential: unknown): void;
  /** It is not done. */
  storeFailed(id: number, failure: StoreFailure): void;
}

/** The core that speaks all dialects. */
export interface DialectCore extends Core {
  /** What the host speaks. */
  dialect(): string;
  /** Says something to the core's half of the dialect. Throws. */
  notifyDialect(message: object): void;
  /** Posts a message to the host with a port of its own; gives the near end of it, or what the browser throws. Throws. */
  postWithPort(message: object): unknown;
  /** Lets the app of this dialect show the widget in its own web view. Throws. */
  allowWebview(dialect: string): void;
}

/** Called in order, with nothing borrowed: whatever is called here may call the core. What is thrown here is reported as uncaught. */
export interface Sink {
  session(session: Session): void;
  /** `greeting`: the host's welcome, once the connection stands. */
  connection(state: ConnectionState, greeting: unknown): void;
  /** The host refused us, or the credential store failed. */
  failed(code: CoreCode): void;
  /** Get an account and answer by this number. A newer one replaces it. `about`: the user as the host named it, or what is to be renewed. */
  acquire(id: number, reason: AcquireReason, about: object | null): void;
  acquireCancelled(): void;
  /** A message of the host that is the application's own, unread but for its type. */
  message(message: unknown): void;
  /** Do this with the credential store, one task after the other. */
  credentialStore(id: number, task: StoreTask, credential: object | null): void;
  /** Those who wait for an access token may ask again, or learn why not. */
  token(failure: CoreCode | undefined): void;
  /** What this call asked for holds. */
  settled(call: number): void;
  /** For the application's half of the dialect. */
  dialect(news: unknown): void;
}
