/** What the application says of the user, as the fields of `rc-login-status-notify`. */
import { unknownKey } from "../../shared/input-check.js";
import { shown } from "../../shared/shown.js";
import { asText, type Message } from "./message.js";

const FIELDS = ["loginNumber", "contractedCountryCode", "admin", "features"];

/**
 * What can be used of it.
 * @param onProblem is called with what is wrong with the rest
 */
export function loginDetails(given: unknown, onProblem: (problem: string) => void): Message {
  const said = (structuredClone(given) ?? {}) as Message;
  const { admin, features } = said;
  const unexpected = unknownKey(said, FIELDS);
  const problems = [
    unexpected !== undefined && `there is no field ${JSON.stringify(unexpected)}: it has ${FIELDS.join(", ")}`,
    admin !== undefined && typeof admin !== "boolean" && `admin is ${shown(admin)}: give true or false`,
    features !== undefined && !isFeatures(features) && `features is ${shown(features)}: give an object of true or false`,
  ].filter(Boolean);
  if (problems.length > 0) onProblem(problems.join("; "));
  return {
    loginNumber: asText(said["loginNumber"]),
    contractedCountryCode: asText(said["contractedCountryCode"]),
    admin: admin === true,
    features: isFeatures(features) ? features : {},
  };
}

const isFeatures = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.values(value).every((feature) => typeof feature === "boolean");
