/** An authorization request: RFC 6749 and RFC 7636. */
import type { OAuthRequest } from "../types.js";

/** What proves to the token endpoint that the one who redeems the code has asked for it. */
export interface Proof {
  readonly verifier: string;
  readonly challenge: string;
}

/** `null` where the browser cannot make one: it needs a secure context. */
export async function makeProof(): Promise<Proof | null> {
  const subtle: SubtleCrypto | undefined = crypto.subtle;
  if (!subtle) return null;
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

export function authorizationParameters(request: OAuthRequest, proof: Proof | null): Readonly<Record<string, string>> {
  const { clientId, redirectUri, scope, parameters } = request;
  return {
    ...(scope === undefined ? {} : { scope }),
    ...parameters,
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    ...(proof ? { code_challenge: proof.challenge, code_challenge_method: "S256" } : {}),
  };
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
