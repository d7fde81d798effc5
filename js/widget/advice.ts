/**
 * What is wrong, what was given and what is meant, in words, and the slow way to load wasm: a file of its own (dist/advice.js), which the widget half loads only when something is wrong. It throws and returns
 * `Problem`s, which the widget half makes errors of: this file has no class of its own that a caller could test for.
 */
export { durationProblem } from "../shared/duration-problem.js";
export { grantProblem } from "../shared/grant-problem.js";
export { compile, failed, obstacle } from "./core/wasm.js";
export { optionProblem } from "./option-problem.js";
