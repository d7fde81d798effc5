/**
 * What the sign-in server knows: codes, token families, and who may still use them. No HTTP and no clock: the time is an argument.
 *
 * A *family* is one sign-in with all the tokens that follow from it. Its refresh tokens are single-use. Reuse is theft or a lost answer, and a
 * server cannot tell which: `strict` revokes the family, `grace` gives the same successor again for a while.
 */
import { createHash, randomBytes } from "node:crypto";

const CODE_MS = 60_000;

/** What an OAuth error reply says. */
export class Refused extends Error {
  constructor(error, description, status = 400) {
    super(description);
    this.error = error;
    this.status = status;
  }
}

export function tokenStore() {
  const codes = new Map();
  const refreshTokens = new Map();
  const accessTokens = new Map();
  const families = new Map();
  const fresh = (kind) => `${kind}-${randomBytes(16).toString("hex")}`;

  /** @param {{accessSeconds: number, refreshSeconds: number}} settings */
  const issue = (family, settings, now) => {
    const tokens = {
      family,
      access: fresh("access"),
      accessEnds: now + settings.accessSeconds * 1000,
      refresh: fresh("refresh"),
      refreshEnds: now + settings.refreshSeconds * 1000,
      usedAt: null,
      next: null,
    };
    accessTokens.set(tokens.access, tokens);
    refreshTokens.set(tokens.refresh, tokens);
    return tokens;
  };
  const reply = (tokens, now) => ({
    access_token: tokens.access,
    token_type: "Bearer",
    expires_in: Math.max(0, Math.round((tokens.accessEnds - now) / 1000)),
    refresh_token: tokens.refresh,
    scope: tokens.family.scope,
  });

  return {
    /** A code for a user who has just signed in. `grant`: `{client, redirectUri, user, scope, challenge}`. */
    makeCode(grant, now) {
      const code = fresh("code");
      codes.set(code, { ...grant, ends: now + CODE_MS, family: null });
      return code;
    },

    /** Code to tokens. A code that comes twice takes the tokens back that it gave (RFC 6749, 4.1.2). */
    redeem({ code, client, redirectUri, verifier }, settings, now) {
      const grant = codes.get(code);
      if (!grant || grant.client !== client) throw new Refused("invalid_grant", "unknown code");
      if (grant.family) {
        grant.family.revoked = "code used twice";
        throw new Refused("invalid_grant", "the code was used before");
      }
      if (grant.ends < now) throw new Refused("invalid_grant", "the code is too old");
      if (grant.redirectUri !== redirectUri) throw new Refused("invalid_grant", "another redirect_uri");
      if (grant.challenge !== null && grant.challenge !== challengeOf(verifier ?? ""))
        throw new Refused("invalid_grant", "code_verifier does not fit");
      grant.family = { id: fresh("family"), client, user: grant.user, scope: grant.scope, revoked: null };
      families.set(grant.family.id, grant.family);
      return reply(issue(grant.family, settings, now), now);
    },

    refresh({ token, client }, settings, now) {
      const tokens = refreshTokens.get(token);
      if (!tokens || tokens.family.client !== client) throw new Refused("invalid_grant", "unknown refresh token");
      if (tokens.family.revoked) throw new Refused("invalid_grant", `revoked: ${tokens.family.revoked}`);
      if (tokens.refreshEnds < now) throw new Refused("invalid_grant", "the refresh token is too old");
      if (tokens.next) {
        if (settings.reuse === "grace" && now - tokens.usedAt <= settings.graceMs) return reply(tokens.next, now);
        tokens.family.revoked = "refresh token used twice";
        throw new Refused("invalid_grant", tokens.family.revoked);
      }
      tokens.usedAt = now;
      tokens.next = issue(tokens.family, settings, now);
      return reply(tokens.next, now);
    },

    /** Takes back everything of the sign-in that this token belongs to. An unknown token is no error (RFC 7009). */
    revoke(token) {
      const tokens = refreshTokens.get(token) ?? accessTokens.get(token);
      if (tokens) tokens.family.revoked ??= "revoked";
    },

    /** Signs a user out at the server, so that the next refresh is refused. */
    revokeUser(client, user) {
      for (const family of families.values())
        if (family.client === client && (user === undefined || family.user === user)) family.revoked ??= "revoked";
    },

    /** The family of a good access token. */
    check(token, now) {
      const tokens = accessTokens.get(token);
      if (!tokens || tokens.family.revoked || tokens.accessEnds < now)
        throw new Refused("invalid_token", "the access token is not good", 401);
      return tokens.family;
    },

    /** Whose token this is, good or not, or null: for scripts that mean one user only. */
    userOf: (token) => (refreshTokens.get(token) ?? accessTokens.get(token))?.family.user ?? codes.get(token)?.user ?? null,

    /** `{user, revoked}` for every sign-in of a client, the oldest first. */
    familiesOf: (client) =>
      [...families.values()].filter((family) => family.client === client).map(({ user, revoked }) => ({ user, revoked })),
  };
}

/** PKCE S256 (RFC 7636). */
export const challengeOf = (verifier) => createHash("sha256").update(verifier).digest("base64url");
