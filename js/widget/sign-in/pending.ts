/** A sign-in that is under way. */
export interface Pending {
  /** `null`: the browser opened none. */
  readonly popup: Window | null;
  /** Takes what the popup says, once the rest of the code is there. */
  receive?: (event: MessageEvent) => void;
}
