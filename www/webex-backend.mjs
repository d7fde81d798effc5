/**
 * The backend of a widget that signs in at Webex: it has the app's secret, so it exchanges the code, and refreshes. What it posts is what `TokenEndpoint` of `authframe::webex` builds in Rust.
 *
 *   POST /api/webex/exchange {code, redirectUri, codeVerifier}   POST /api/webex/refresh {refreshToken}   → what the provider answers
 *   POST /api/webex/revoke {refreshToken}
 */
import { request as send } from "node:http";

const CLIENT = { client_id: "backend-app", client_secret: "backend-secret" };

/** @param origin where the provider's server listens; its name goes into the request, as it is part of the provider's addresses */
export function webexBackend(origin) {
  // Not every resolver knows the names below localhost, and `fetch` cannot set a host.
  const post = (host, path, form) =>
    new Promise((resolve, reject) => {
      const body = new URLSearchParams(form).toString();
      const sent = send(
        origin() + path,
        { method: "POST", headers: { host, "content-type": "application/x-www-form-urlencoded", "content-length": body.length } },
        async (response) => {
          let text = "";
          for await (const chunk of response) text += chunk;
          resolve({ status: response.statusCode, after: response.headers["retry-after"], text });
        },
      );
      sent.on("error", reject).end(body);
    });
  const route = (make) => async (request, response) => {
    let asked = "";
    for await (const chunk of request) asked += chunk;
    const provider = request.headers.host.replace(/^[^:]*/, "webex-login.localhost");
    const [path, form] = make(JSON.parse(asked));
    const { status, after, text } = await post(provider, path, { ...form, ...CLIENT });
    response
      .writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...(after ? { "retry-after": after } : {}) })
      .end(text);
  };
  return {
    "/api/webex/exchange": route(({ code, redirectUri, codeVerifier }) => [
      "/token",
      { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...(codeVerifier ? { code_verifier: codeVerifier } : {}) },
    ]),
    "/api/webex/refresh": route(({ refreshToken }) => ["/token", { grant_type: "refresh_token", refresh_token: refreshToken }]),
    "/api/webex/revoke": route(({ refreshToken }) => ["/token/revocation", { token: refreshToken }]),
  };
}
