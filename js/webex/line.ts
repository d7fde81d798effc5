/**
 * The line as the vendor's guide shows it, the same in all tabs. One tab holds it, by a Web Lock, and writes to localStorage what becomes of it; the others follow that record, and may ask the holder.
 * What is written there is of no use to a thief: no token.
 */
import { eventMember } from "../shared/event-member.js";
import { listenToDocument, unlistenToDocument } from "../shared/own-document.js";
import { within } from "../shared/within.js";
import { AuthframeError, type Bridge } from "../widget/index.js";
import { unacknowledged } from "./failures.js";
import { RecordFollower } from "./follower.js";
import { LineHolder } from "./holder.js";
import { LineLock } from "./line-lock.js";
import { checkOptions, checkRegistrar } from "./line-options.js";
import { loadMachine, type Machine, makeMachine } from "./machine.js";
import { Presence } from "./presence.js";
import { PublicLine } from "./public-line.js";
import { ANSWER_PATIENCE, isQuestionKey, Question, type Urgency } from "./question.js";
import { SharedRecord } from "./shared-record.js";
import { LineStorage } from "./storage.js";
import type { TabState } from "./tab-state.js";
import type { Line, LineOptions, Registrar } from "./types.js";
import { Wishes } from "./wishes.js";

export interface LineContext {
  readonly bridge: Bridge;
  /** Of the shared record. */
  readonly key: string;
  readonly options: LineOptions;
  /** Revokes what the user has, and signs them out. */
  signOut(): Promise<void>;
  /** Whether there is what renews a token. */
  canRenew(): boolean;
}

/** The line, and what ends a session in good order. */
export interface OpenLine {
  readonly line: Line;
  signOut(): Promise<void>;
}

const SIGN_OUT_PATIENCE = 3000;

export async function openLine(context: LineContext): Promise<OpenLine> {
  const { registrar } = context.options;
  const make = await machineMaker(context.options);
  // What is wrong is said now.
  if (typeof registrar !== "function") make(registrar, 0n);
  const storage = new LineStorage();
  // Where tabs cannot reach each other, each has its own line.
  const locks = storage.isShared ? (navigator.locks as LockManager | undefined) : undefined;
  const record = await SharedRecord.open(storage, context.key, locks);
  const tab = new LineTab(context, { locks, record, makeMachine: make });
  tab.open();
  return { line: tab.line, signOut: () => tab.signOut() };
}

type MakeMachine = (settings: Registrar, random: bigint) => Machine;

/** What makes a machine of the options and of a registrar. That throws `CONFIG_INVALID` if they cannot be a line's. */
async function machineMaker(options: LineOptions): Promise<MakeMachine> {
  const checked = <T>(act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      throw new AuthframeError("CONFIG_INVALID", (cause as Error).message, "app", cause);
    }
  };
  checked(() => checkOptions(options));
  const Machine = await loadMachine();
  return (registrar, random) =>
    checked(() => {
      checkRegistrar(registrar);
      return makeMachine(Machine, { ...options, ...registrar }, random);
    });
}

interface TabParts {
  readonly locks: LockManager | undefined;
  readonly record: SharedRecord;
  readonly makeMachine: MakeMachine;
}

/** The line in this tab, from the opening of the page until the bridge is closed. */
class LineTab {
  readonly #context: LineContext;
  readonly #state: TabState;
  readonly #record: SharedRecord;
  readonly #question: Question;
  readonly #presence: Presence;
  readonly #lock: LineLock;
  readonly #holder: LineHolder;
  readonly #wishes: Wishes;
  readonly #follower: RecordFollower;
  readonly #public: PublicLine;
  /** Aborted while this tab takes no part: its page is put away, or it has no user. */
  #leaving = new AbortController();

  constructor(context: LineContext, { locks, record, makeMachine }: TabParts) {
    const { bridge, key, options, signOut, canRenew } = context;
    const { storage } = record;
    const state: TabState = { sharing: locks ? "shared" : "alone", wish: null, call: "none" };
    this.#context = context;
    this.#state = state;
    this.#record = record;
    this.#question = new Question(storage, key, (urgency) => this.#unanswered(urgency));
    this.#presence = new Presence(storage, locks, key, bridge.id);
    this.#public = new PublicLine({
      bridge,
      record,
      options,
      want: (wish) => this.#wishes.want(wish),
      setCall: (call) => {
        state.call = call;
        this.#holder.setCall(call);
      },
    });
    const common = {
      bridge,
      record,
      state,
      question: this.#question,
      isHolding: () => this.#lock.isHeld,
      emit: this.#public.emit.bind(this.#public),
    };
    this.#lock = new LineLock({ locks, key, state, acquired: () => this.#acquired(), lost: () => this.#holder.stop() });
    this.#holder = new LineHolder({
      ...common,
      options,
      makeMachine,
      signOut,
      canRenew,
      refuse: () => this.#wishes.refuse(),
      // As often as there are keepalives: there is no time to look when this tab leaves.
      sending: () => {
        if (state.sharing === "shared") this.#presence.sweep();
      },
      handOver: () => this.#part("may-return"),
    });
    this.#wishes = new Wishes({ ...common, settle: () => this.#holder.settle() });
    this.#follower = new RecordFollower({
      ...common,
      isDriving: () => this.#holder.isDriving,
      want: (wish) => this.#wishes.want(wish),
    });
  }

  get line(): Line {
    return this.#public.line;
  }

  open(): void {
    const { bridge } = this.#context;
    addEventListener("storage", this.#onStorage);
    addEventListener("pagehide", this.#onHide);
    addEventListener("pageshow", this.#onShow);
    listenToDocument("freeze", this.#onFreeze);
    listenToDocument("resume", this.#onResume);
    bridge.subscribe(({ status }) => {
      if (status === "authorized" && this.#leaving.signal.aborted) this.#return();
      else if (this.#lock.isHeld) this.#holder.settle();
    });
    this.#join();
    bridge.onConnection((state) => {
      if (state === "connected") this.#public.introduce();
      else if (state === "closed") this.#close();
    });
  }

  /** Gives the line up, in whichever tab it is held, and then what the user has. */
  async signOut(): Promise<void> {
    const { bridge, signOut } = this.#context;
    if (this.#lock.isHeld || bridge.session.status !== "authorized") return this.#holder.signOut();
    this.#wishes.want("signOut");
    // The holder may be gone, or be busy.
    await within(SIGN_OUT_PATIENCE, unauthorized(bridge)).catch(() => {});
    // Not the next user.
    this.#question.stop();
    this.#state.wish = null;
    if (bridge.session.status === "authorized") await signOut();
  }

  #close(): void {
    this.#part("ends");
    removeEventListener("storage", this.#onStorage);
    removeEventListener("pagehide", this.#onHide);
    removeEventListener("pageshow", this.#onShow);
    unlistenToDocument("freeze", this.#onFreeze);
    unlistenToDocument("resume", this.#onResume);
  }

  /** This tab has the lock. */
  #acquired(): void {
    // Its own wish is granted below.
    this.#question.stop();
    this.#record.startHolding();
    this.#follower.look();
    if (this.#state.sharing === "shared") this.#wishes.grantAsked();
    this.#holder.settle();
  }

  #unanswered(urgency: Urgency): void {
    this.#state.wish = null;
    const { status } = this.#record.known;
    if (urgency === "awaited") this.#public.emit({ event: "error", status, error: unacknowledged(this.#context.key, ANSWER_PATIENCE) });
  }

  #join(): void {
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    this.#presence.join(signal);
    void this.#lock.compete(signal);
  }

  #part(then: "may-return" | "ends"): void {
    this.#presence.leave();
    const last = then === "ends" && this.#presence.others().length === 0;
    if (last && this.#lock.isHeld) this.#holder.leave();
    this.#question.stop();
    this.#leaving.abort();
    this.#lock.drop();
  }

  #return(): void {
    if (!this.#leaving.signal.aborted) return;
    this.#follower.look();
    this.#join();
    // The page was put away before the holder had answered.
    if (this.#state.wish) this.#wishes.want(this.#state.wish);
  }

  // A script can make an event up, and some browsers deliver those of another partition: it only says where to look.
  readonly #onStorage = (event: StorageEvent) => {
    const changed = eventMember(event, "key");
    if (changed === undefined) return;
    if (changed === null || changed === this.#context.key) this.#follower.look();
    else if (isQuestionKey(changed, this.#context.key) && this.#lock.isHeld && this.#state.sharing === "shared") this.#wishes.grantAsked();
  };

  readonly #onHide = (event: PageTransitionEvent) => {
    if (event.isTrusted) this.#part(eventMember(event, "persisted") === true ? "may-return" : "ends");
  };

  readonly #onShow = (event: PageTransitionEvent) => {
    if (eventMember(event, "persisted") === true) this.#return();
  };

  readonly #onFreeze = (event: Event) => {
    if (event.isTrusted) this.#part("may-return");
  };

  readonly #onResume = () => this.#return();
}

/** Resolves when no user is signed in. */
function unauthorized(bridge: Bridge): Promise<void> {
  return new Promise((resolve) => {
    const stop = bridge.subscribe(({ status }) => {
      if (status !== "unauthorized") return;
      resolve();
      // It may be called before there is something to stop.
      queueMicrotask(() => stop());
    });
  });
}
