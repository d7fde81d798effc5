/** What can go wrong in a widget of Ethora. */
import { failuresOf } from "../shared/failures.js";
import { LastFailure } from "../shared/last-failure.js";

const failure = failuresOf({
  ETHORA_BAD_REPLY: ["peer", "the API answered without a session"],
  ETHORA_FORBIDDEN: ["peer", "the API forbids it (403)"],
  ETHORA_OFFLINE: ["network", "the API did not answer"],
  ETHORA_REJECTED: ["app", "the API knows no such request: look at baseUrl"],
  ETHORA_UNAUTHORIZED: ["host", "the API does not accept the token (401): look at the secret and the appId it was signed with"],
  ETHORA_UNAVAILABLE: ["network", "the API is out of order"],
});

export class ApiFailure extends LastFailure<Parameters<typeof failure>[0]> {
  constructor() {
    super(failure);
  }

  /** The API is out of reach: that passes. */
  get isOutage(): boolean {
    return this.value?.code === "ETHORA_OFFLINE" || this.value?.code === "ETHORA_UNAVAILABLE";
  }
}
