/** What is wrong, what was given and what is meant, in words, and the slow way to load wasm: a file of its own (dist/advice.js), which the widget half loads only when something is wrong. */
export { durationProblem } from "../shared/duration-problem.js";
export { grantProblem } from "../shared/grant-problem.js";
export { outcome } from "../shared/request-outcome.js";
export { compile, failed, obstacle } from "./core/wasm.js";
export { optionProblem } from "./option-problem.js";
