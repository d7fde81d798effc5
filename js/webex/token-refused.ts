/** A refusal of the token endpoint. One class for all files of the package, so that `instanceof` holds. */
import { AuthRejected } from "../widget/index.js";

/** The token endpoint says no (400, 401): what RFC 6749 section 5.2 has it say. It is not tried again. */
export class TokenRefused extends AuthRejected {
  /** @param error such as `invalid_grant`; the status where the reply has none */
  constructor(
    readonly error: string,
    readonly description: string | null,
    readonly uri: string | null,
  ) {
    super(error);
  }
}
