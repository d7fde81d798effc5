/** Who uses the chat now, with what a chat client logs in with. */
import { Emitter } from "../shared/emitter.js";
import { AuthframeError } from "../shared/error.js";
import { extend } from "../shared/extend.js";
import { report } from "../shared/report.js";
import { safely } from "../shared/safely.js";
import type { Bridge, Session, Unsubscribe } from "../widget/index.js";
import { type KeptSession, unpack } from "./kept-session.js";
import type { Began, SessionAge } from "./session-age.js";
import type { EthoraUser } from "./user.js";

/** A timer takes no more than 24 days, and stands still while the computer sleeps. In milliseconds. */
const LONGEST_WAIT = 3_600_000;

type Fresh = Parameters<Bridge["accessToken"]>[0];

export class CurrentUser {
  readonly #read: Bridge["accessToken"];
  readonly #changed = new Emitter<[user: EthoraUser | null]>();
  #value: EthoraUser | null = null;
  /** Of the session that it belongs to. */
  #epoch: number | undefined;
  /** Ends the session at its age. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly bridge: Bridge,
    private readonly age: SessionAge,
  ) {
    this.#read = bridge.accessToken;
    // What the bridge keeps is more than the token that an application asks for.
    extend(bridge, { accessToken: async (options?: Fresh) => (await this.#kept(options)).token });
  }

  start(): void {
    this.bridge.subscribe((session) => void this.#follow(session));
    this.bridge.onConnection((state) => {
      if (state === "closed") clearTimeout(this.#timer);
    });
  }

  async get(): Promise<EthoraUser> {
    const { user } = await this.#kept();
    if (!user) throw new AuthframeError("ETHORA_BAD_REPLY", "the API named no user with this session", "peer");
    return user;
  }

  /** Calls at once, and whenever another user, or none, is there. */
  on(listener: (user: EthoraUser | null) => void): Unsubscribe {
    const stop = this.#changed.on(listener);
    safely(() => listener(this.#value));
    return stop;
  }

  async #kept(options?: Fresh): Promise<KeptSession> {
    const kept = unpack(await this.#read(options));
    if (this.age.isOver(kept)) {
      await this.bridge.signOut({ reason: "expired" });
      throw new AuthframeError("NOT_AUTHORIZED", "the session has reached maxSessionAge", "user");
    }
    this.#endInTime(kept, this.bridge.session.epoch);
    return kept;
  }

  #endInTime(began: Began, epoch: number): void {
    clearTimeout(this.#timer);
    const left = this.age.left(began);
    if (left === Infinity) return;
    this.#timer = setTimeout(
      () => {
        const { session } = this.bridge;
        if (session.status !== "authorized" || session.epoch !== epoch) return;
        if (this.age.isOver(began)) void this.bridge.signOut({ reason: "expired" }).catch(report);
        else this.#endInTime(began, epoch);
      },
      Math.min(left, LONGEST_WAIT),
    );
  }

  async #follow({ status, epoch }: Session): Promise<void> {
    if (status !== "authorized") return this.#set(null, undefined);
    if (this.#epoch === epoch) return;
    this.#set(null, epoch);
    try {
      const user = await this.get();
      if (this.#epoch === epoch) this.#set(user, epoch);
    } catch {
      // Asked again when the session changes: when its token has been renewed, say.
      if (this.#epoch === epoch) this.#epoch = undefined;
    }
  }

  #set(user: EthoraUser | null, epoch: number | undefined): void {
    this.#epoch = epoch;
    if (user === this.#value) return;
    this.#value = user;
    this.#changed.emit(user);
  }
}
