/** What the parts of a tab's line have in common. */

/** What the user wants of the line. */
export type Wish = "register" | "deregister" | "takeOver" | "signOut";

export interface TabState {
  /** `alone`: where tabs cannot agree which of them holds the line, each has its own, and none believes another one's record. */
  sharing: "shared" | "alone";
  /** What is wanted here, until the holder has granted it. */
  wish: Wish | null;
  call: "none" | "in-call";
}
