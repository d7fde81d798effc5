/** The fields of `rc-login-status-notify` that the application says. */
import { unknownKey } from "../../shared/input-check.js";
import { report } from "../../shared/report.js";
import { shown } from "../../shared/shown.js";
import type { Session } from "../../shared/types.js";
import type { Below } from "../contract.js";
import type { Deadlines } from "./deadlines.js";
import { asText, type Message } from "./message.js";
import type { Settings } from "./options.js";

const FIELDS = ["loginNumber", "contractedCountryCode", "admin", "features"];

/** Asks the application what the host learns of the user, and reports what is wrong with that: the host is notified all the same. */
export class LoginDetails {
  constructor(
    private readonly settings: Pick<Settings, "login" | "readyTimeoutMs">,
    private readonly deadlines: Deadlines,
    private readonly below: Below,
  ) {}

  /** @param patience how long the application may take, in milliseconds */
  async of(session: Session, patience: number): Promise<Message> {
    const { login, readyTimeoutMs } = this.settings;
    const late = () => {
      this.#report(
        ` has a readyTimeoutMs of ${readyTimeoutMs}, and login has not answered in time: the host was notified without what it says`,
      );
      return {};
    };
    try {
      const asked = Promise.resolve(login?.(session));
      return this.#checked((structuredClone(await this.deadlines.within<unknown>(patience, asked, late)) ?? {}) as Message);
    } catch (error) {
      report(error);
      return {};
    }
  }

  #checked(said: Message): Message {
    const { admin, features } = said;
    const unexpected = unknownKey(said, FIELDS);
    const problems = [
      unexpected !== undefined && `there is no field ${JSON.stringify(unexpected)}: it has ${FIELDS.join(", ")}`,
      admin !== undefined && typeof admin !== "boolean" && `admin is ${shown(admin)}: give true or false`,
      features !== undefined && !isFeatures(features) && `features is ${shown(features)}: give an object of true or false`,
    ].filter(Boolean);
    if (problems.length > 0) this.#report(`.login: ${problems.join("; ")}`);
    return {
      loginNumber: asText(said["loginNumber"]),
      contractedCountryCode: asText(said["contractedCountryCode"]),
      admin: admin === true,
      features: isFeatures(features) ? features : {},
    };
  }

  #report(problem: string): void {
    report(this.below.invalid(`ringcentral${problem}`));
  }
}

const isFeatures = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.values(value).every((feature) => typeof feature === "boolean");
