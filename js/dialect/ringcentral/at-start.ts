/** What a bridge loads when it begins to speak to a RingCentral page. Nothing that the page waits for: the rest of the dialect is part of core-all.js. */
export { firstNotices } from "./first-notices.js";
export { type Kept, keep } from "./kept.js";
