/** Asks the application's `acquire` for an account, and gives the core what came of it. */
import { AuthframeError } from "../shared/error.js";
import { fitsGrant, isDuration } from "../shared/input-check.js";
import { field, text } from "../shared/read.js";
import { report } from "../shared/report.js";
import { shown } from "../shared/shown.js";
import type { AcquireReason } from "../shared/words.js";
import type { Core } from "./core/core.js";
import { advice, failure } from "./failure.js";
import type { AcquireRequest, AuthRejected, ConnectOptions, RetryLater } from "./types.js";

/** No server may ask for a longer pause, in seconds. */
const LONGEST_PAUSE = 86_400;

export class Acquiring {
  /** Why the last call failed; `null` if it did not, or if it matters no more. What `acquire` threw is the `cause`. */
  failure: AuthframeError | null = null;
  #asked: AbortController | undefined;

  constructor(
    private readonly core: Core,
    private acquire: ConnectOptions["acquire"],
  ) {}

  /** @param about the user as the host named it, or what is to be renewed */
  async ask(id: number, reason: AcquireReason, about: object | null): Promise<void> {
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    const request = reason === "refresh" ? { reason, identity: null, credential: about } : { reason, identity: about, credential: null };
    let grant: unknown;
    try {
      grant = await this.acquire?.({ ...request, signal } as AcquireRequest);
    } catch (error) {
      const isRefusal = isA<AuthRejected>(error, "AuthRejected");
      // What is thrown because it was called off says nothing.
      if (!signal.aborted) {
        const words = field(error, "message", text(1024)) ?? shown(error);
        this.failure = isRefusal ? null : failure("ACQUIRE_FAILED", `for ${reason} it threw: ${words}`, error);
      }
      const pause = isA<RetryLater>(error, "RetryLater") ? error.seconds : undefined;
      if (isDuration(pause, LONGEST_PAUSE, 0)) this.core.acquireFailed(id, "later", Math.round(pause * 1000));
      else this.core.acquireFailed(id, isRefusal ? "refused" : "failed", 0);
      return;
    }
    this.failure = null;
    if (!grant) return this.core.acquireFailed(id, "no-user", 0);
    if (fitsGrant(grant)) return this.core.acquired(id, grant);
    // Else it would fail for ever, and no developer would know why.
    this.failure = await grantFailure(grant, `what acquire gave for ${reason} cannot be used: `);
    report(this.failure);
    this.core.acquireFailed(id, "failed", 0);
  }

  /** An access token could not be had: says why. */
  explained(error: AuthframeError): AuthframeError {
    const { failure: why } = this;
    return why && error.code === "REFRESH_FAILED" ? failure("REFRESH_FAILED", why.message, why.cause) : error;
  }

  cancel(): void {
    this.#asked?.abort();
  }

  /** Asks no more, and lets go of the application's function. */
  close(): void {
    this.cancel();
    this.#asked = undefined;
    this.acquire = undefined;
  }
}

/** What is wrong with a grant, in words. */
export async function grantFailure(grant: unknown, where = ""): Promise<AuthframeError> {
  const [code, text] = (await advice())?.grantProblem(grant) ?? (["ACCOUNT_INVALID", "it is no grant"] as const);
  return new AuthframeError(code, where + text, "app");
}

/** By its name: it may be of another copy of this library, whose classes are others, and whose bundler gave them other names. */
const isA = <T extends Error>(error: unknown, name: T["name"]): error is T => (error as Error | null)?.name === name;
