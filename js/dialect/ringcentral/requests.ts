/** The application's requests to the host, and the host's answers. */
import { isDuration, unknownKey } from "../../shared/input-check.js";
import { shown } from "../../shared/shown.js";
import type { RequestOptions } from "../../shared/types.js";
import type { Below } from "../contract.js";

/** Longest path. */
const LONGEST_PATH = 2048;
/** Longest wait, in milliseconds. */
const LONGEST_WAIT = 600_000;

interface Waiting {
  /** Answered only while the service is authorized. */
  readonly isGated: boolean;
  settle(error: unknown, response?: unknown): void;
}

export class Requests {
  readonly #waiting = new Map<unknown, Waiting>();
  #count = 0;

  /** @param tab is part of the ids of requests where the browser makes none */
  constructor(
    private readonly below: Below,
    private readonly tab: string,
    private readonly post: (type: string, rest: object) => void,
  ) {}

  /** @throws AuthframeError `CONFIG_INVALID` */
  requirePath(path: unknown): asserts path is string {
    if (!(typeof path === "string" && path && path.length <= LONGEST_PATH))
      throw this.below.invalid(`path is ${shown(path)}: give a text of 1 to ${LONGEST_PATH} characters`);
  }

  /**
   * The time that a request has.
   * @param usual the vendor's time for this path
   * @throws AuthframeError `CONFIG_INVALID`
   */
  patience(options: unknown, usual: number): number {
    const given = Object(options) as RequestOptions;
    const unexpected = unknownKey(given, ["timeoutMs"]);
    if (unexpected !== undefined) throw this.below.invalid(`request has no option ${JSON.stringify(unexpected)}: it has timeoutMs`);
    const { timeoutMs = usual } = given;
    if (!isDuration(timeoutMs, LONGEST_WAIT))
      throw this.below.invalid(`timeoutMs is ${shown(timeoutMs)}: give milliseconds from 1 to ${LONGEST_WAIT}`);
    return timeoutMs;
  }

  ask(path: string, body: unknown, timeoutMs: number, isGated: boolean): Promise<unknown> {
    const requestId = this.#nextId();
    this.post("rc-post-message-request", { requestId, path, body });
    return new Promise((resolve, reject) => {
      const settle: Waiting["settle"] = (error, response) => {
        clearTimeout(timer);
        this.#waiting.delete(requestId);
        if (error) reject(error);
        else resolve(response);
      };
      const timer = setTimeout(
        () => settle(this.below.failed("REQUEST_TIMEOUT", `the host has not answered ${JSON.stringify(path)} in ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#waiting.set(requestId, { isGated, settle });
    });
  }

  answered(requestId: unknown, response: unknown): void {
    this.#waiting.get(requestId)?.settle(undefined, response);
  }

  failAll(): void {
    this.#fail("CLOSED", () => true);
  }

  /** What was asked while the service was authorized is not answered after it. */
  failGated(): void {
    this.#fail("NOT_AUTHORIZED", ({ isGated }) => isGated);
  }

  #fail(code: "CLOSED" | "NOT_AUTHORIZED", which: (waiting: Waiting) => boolean): void {
    for (const waiting of [...this.#waiting.values()]) if (which(waiting)) waiting.settle(this.below.failed(code));
  }

  /** The host echoes whatever it is. A UUID is to be had only in a secure context. */
  #nextId(): string {
    if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
    this.#count++;
    return this.tab + this.#count;
  }
}
