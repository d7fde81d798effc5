/**
 * An OAuth 2 and OpenID provider that is not ours and certified: `oidc-provider`. Only its accounts, its two clients and the page where one signs in are ours.
 *
 *   pkce-widget   public: no secret, PKCE required
 *   backend-app   has the secret `backend-secret`, and needs no PKCE
 *
 * Users: the one who is named in the form. `requests` holds what was asked of the token and revocation endpoints: `{path, form, at, status}`; `settings.fail` what the next ones get
 * before the provider hears of them: a status, or `{status, headers}`; `failed` holds those, `{path, at, status}`.
 */
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";
import { bodyOf, watched } from "./http.mjs";

const SCOPES = ["openid", "offline_access", "spark:webrtc_calling", "spark:calls_read", "spark:calls_write", "spark:xsi", "spark:kms"];

/** @typedef {ReturnType<typeof oidcServer>} OidcServer */

/**
 * @param {{issuer: string, redirectUris: string[]}} options the origin at which `handle` is reached, and where sign-ins end
 */
export function oidcServer({ issuer, redirectUris }) {
  const settings = { accessTokenSeconds: 3600, refreshTokens: true, fail: [] };
  const [requests, failed] = [[], []];
  const { until, changed } = watched();
  const client = {
    redirect_uris: redirectUris,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    scope: SCOPES.join(" "),
  };
  const store = memory();
  const provider = new Provider(issuer, {
    adapter: store.Adapter,
    clients: [
      { ...client, client_id: "pkce-widget", token_endpoint_auth_method: "none" },
      { ...client, client_id: "backend-app", client_secret: "backend-secret", token_endpoint_auth_method: "client_secret_post" },
    ],
    scopes: SCOPES,
    clientBasedCORS: () => true,
    pkce: { required: (_, { clientId }) => clientId === "pkce-widget" },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      introspection: { enabled: true },
      rpInitiatedLogout: { enabled: false },
    },
    ttl: {
      AccessToken: () => settings.accessTokenSeconds,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    issueRefreshToken: async (_, client) => settings.refreshTokens && client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: () => true,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ["of a test"] },
    jwks: { keys: [generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" })] },
  });
  provider.on("server_error", (_, error) => console.error(error));
  provider.use(async (ctx, next) => {
    const at = Date.now();
    await next();
    if (ctx.method === "POST" && /^\/token(\/revocation)?$/.test(ctx.path))
      requests.push({ path: ctx.path, form: { ...ctx.oidc?.params }, at, status: ctx.status });
    changed();
  });
  const callback = provider.callback();

  async function route(request, response) {
    const { pathname } = new URL(request.url, issuer);
    const uid = /^\/interaction\/([\w-]+)$/.exec(pathname)?.[1];
    if (uid) return interact(request, response);
    if (request.method === "POST" && /^\/token(\/revocation)?$/.test(pathname)) {
      const fault = settings.fail.shift();
      if (fault) {
        const { status, headers } = typeof fault === "number" ? { status: fault } : fault;
        failed.push({ path: pathname, at: Date.now(), status });
        response
          .writeHead(status, { "access-control-allow-origin": "*", "access-control-expose-headers": "retry-after", ...headers })
          .end();
        return changed();
      }
    }
    callback(request, response);
  }

  /** Signs in, and grants whatever was asked for. */
  async function interact(request, response) {
    const { params } = await provider.interactionDetails(request, response);
    if (request.method !== "POST") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "referrer-policy": "no-referrer" });
      return response.end(page);
    }
    const form = new URLSearchParams(await bodyOf(request));
    if (form.get("do") === "cancel")
      return provider.interactionFinished(request, response, { error: "access_denied", error_description: "the user does not want to" });
    const accountId = form.get("user") ?? "";
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope ?? "");
    return provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId: await grant.save() } });
  }

  return {
    provider,
    settings,
    requests,
    failed,
    handle(request, response) {
      route(request, response).catch((error) => {
        if (!response.headersSent) response.writeHead(500);
        response.end();
        console.error(error);
      });
    },
    /** Whose access token it is; null if it is unknown or over. */
    async userOf(token) {
      const found = await provider.AccessToken.find(token);
      return found && !found.isExpired ? found.accountId : null;
    },
    /** Resolves when `test()` is true of what was asked. */
    until,
    /** The access tokens of a user are over before their time; the refresh tokens are good. */
    expireAccess: (user) => store.forget(user, /^AccessToken:/),
    /** As an administrator would: everything that this user has granted is over, tokens included. */
    revokeAll: (user) => store.forget(user, /^(AccessToken|RefreshToken|Grant):/),
    reset() {
      Object.assign(settings, { accessTokenSeconds: 3600, refreshTokens: true, fail: [] });
      requests.length = failed.length = 0;
      store.clear();
    },
  };
}

const page = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in</title>
<h1>Sign in</h1>
<form method="post"><label>User <input name="user" value="ada" required></label>
<button name="do" value="sign-in">Sign in</button> <button name="do" value="cancel" formnovalidate>Cancel</button></form>`;

/** What the provider keeps, in memory. */
function memory() {
  const kept = new Map();
  const alive = (key) => {
    const entry = kept.get(key);
    if (entry && entry.until > Date.now()) return entry.payload;
    kept.delete(key);
    return undefined;
  };
  class Adapter {
    constructor(kind) {
      this.kind = kind;
    }
    key(id) {
      return `${this.kind}:${id}`;
    }
    async upsert(id, payload, expiresIn) {
      kept.set(this.key(id), { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
    }
    async find(id) {
      return alive(this.key(id));
    }
    async findByUid(uid) {
      return [...kept.keys()]
        .filter((key) => key.startsWith(`${this.kind}:`))
        .map(alive)
        .find((payload) => payload?.uid === uid);
    }
    async findByUserCode() {
      return undefined;
    }
    async destroy(id) {
      kept.delete(this.key(id));
    }
    async consume(id) {
      const payload = alive(this.key(id));
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    }
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of kept) if (payload.grantId === grantId) kept.delete(key);
    }
  }
  return {
    Adapter,
    forget(user, kinds) {
      for (const [key, { payload }] of kept) if (payload.accountId === user && kinds.test(key)) kept.delete(key);
    },
    clear: () => kept.clear(),
  };
}
