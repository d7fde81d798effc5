/** Sessions at the chat's API. Their code is loaded when the first trade or refresh is due: a visit with a stored session that is fresh needs none of it. */
import type { AcquireRequest, Grant } from "../widget/index.js";
import type { Sessions, SessionsOptions } from "./sessions.js";

export class LazySessions {
  #sessions: Promise<Sessions> | undefined;

  constructor(private readonly options: SessionsOptions) {}

  /** What the core asks for. If the code cannot be loaded that is a failure as any other, and tried again. */
  async acquire(request: AcquireRequest): Promise<Grant | null> {
    this.#sessions ??= import("./sessions.js").then(({ Sessions }) => new Sessions(this.options));
    const loading = this.#sessions;
    loading.catch(() => {
      if (this.#sessions === loading) this.#sessions = undefined;
    });
    return (await loading).acquire(request);
  }
}
