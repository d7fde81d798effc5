/** What a bridge loads when it begins to speak to a RingCentral page. Nothing that has to be there at once: the rest of the dialect is part of core-all.js. */
export { answer } from "./answers.js";
export { firstNotices } from "./first-notices.js";
export { type Kept, keep } from "./kept.js";
export { loginDetails } from "./login-details.js";
