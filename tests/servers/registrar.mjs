/**
 * A registrar of Webex Calling, as far as a line meets it, and strict where a real one is: every request needs a token, the two headers of the vendor's SDK and a tracking id, and a
 * registration exactly the body that the SDK sends. Several registrars in one: the first segment of the path is the registrar's name, and what a test wants of it is its own.
 *
 *   POST   /<name>/api/v1/calling/web/device               registers; the same clientDeviceUri again takes the place of its older device
 *   POST   /<name>/api/v1/calling/web/devices/<id>/status  keeps it alive
 *   DELETE /<name>/api/v1/calling/web/devices/<id>         removes it
 *   GET    /<name>/api/v1/calling/web/devices?userid=      lists them
 *   GET    /<name>/api/v1/ping                             is it up?
 *
 *   GET, POST /<name>/control {set?, fail?, forget?, elsewhere?}   for the demo: what `control` replies
 *
 * A record is `{method, path, token, tracking, deviceUrl, body, at, doneAt, status}`. A device is removed only in its own name: by its `clientDeviceUri`.
 */
import { randomUUID } from "node:crypto";
import { answer, bodyOf, controlled, listener, parse, refuse, script } from "./http.mjs";

const SETTINGS = {
  /** Seconds. */
  keepaliveInterval: 30,
  callKeepaliveInterval: 10,
  /** Minutes. */
  rehomingIntervalMin: 60,
  rehomingIntervalMax: 120,
  voicePortalNumber: 5550100,
  voicePortalExtension: 100,
  /** How many devices a user may have; what is beyond is 403 with code 101. */
  limit: 4,
  /** Whether a newer registration of the same user with another device puts the older one out: its keepalives are 409. */
  supersede: false,
  /** Whether a script may read Retry-After. In the field it may not. */
  exposeRetryAfter: false,
};

const HEADERS = "authorization, cisco-device-url, content-type, spark-user-agent, trackingid";

/**
 * @param {{userOf?: (token: string) => string | null | Promise<string | null>}} [options] whose token it is, null for a bad one; by default `token-ada` is ada's
 */
export function registrar({ userOf = (token) => /^token-(\w+)$/.exec(token)?.[1] ?? null } = {}) {
  const names = new Map();
  const named = (name) => {
    if (!names.has(name)) {
      const devices = new Map();
      const own = script(SETTINGS, () => {
        devices.clear();
        own.most = 0;
      });
      names.set(name, Object.assign(own, { devices, superseded: new Set(), most: 0 }));
    }
    return names.get(name);
  };

  /** `forget`: the devices are gone; `elsewhere`: they are registered somewhere else. No token is shown. */
  const control = ({ name, set, fail, forget, elsewhere }) => {
    const self = named(name);
    if (set) self.set(set);
    if (fail) self.fail(...fail);
    if (elsewhere) for (const id of self.devices.keys()) self.superseded.add(id);
    if (forget || elsewhere) self.devices.clear();
    return { requests: self.requests.map(({ method, path, status }) => ({ method, path, status })) };
  };

  async function route(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const [, name, rest] = /^\/([\w-]+)\/(?:api\/v1\/(.+)|control)$/.exec(pathname) ?? [];
    if (!name) return response.writeHead(404).end();
    const self = named(name);
    response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
    response.setHeader("vary", "origin");
    if (request.method === "OPTIONS") {
      return response
        .writeHead(204, {
          "access-control-allow-methods": "GET, POST, DELETE",
          "access-control-allow-headers": HEADERS,
          "access-control-max-age": "600",
        })
        .end();
    }
    if (!rest) return controlled(request, response, (wish) => control({ ...wish, name }), {});
    if (self.settings.exposeRetryAfter) response.setHeader("access-control-expose-headers", "retry-after");
    const text = await bodyOf(request);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? null;
    const user = token && (await userOf(token));
    const record = {
      method: request.method,
      path: `/${rest}`,
      token,
      tracking: request.headers.trackingid ?? null,
      deviceUrl: request.headers["cisco-device-url"] ?? null,
      body: text === "" ? null : (parse(text) ?? text),
    };
    const base = `http://${request.headers.host}/${name}/api/v1/calling/web/`;
    return answer(request, response, self, record, () =>
      rest === "ping" ? "pong" : work(self, base, rest, request, record, user, searchParams),
    );
  }

  function work(self, base, rest, { method, headers }, { tracking, deviceUrl, body }, user, query) {
    if (!user) refuse(401, "the token is missing, unknown or over");
    if (headers["spark-user-agent"] !== "webex-calling/beta" || !URL.canParse(headers["cisco-device-url"] ?? ""))
      refuse(400, "a header of the SDK is missing");
    if (!/^(webex-web-client|web_worker)_[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(tracking ?? ""))
      refuse(400, "there is no tracking id");
    const [, id, status] = /^calling\/web\/devices\/([\w-]+)(\/status)?$/.exec(rest) ?? [];
    const device = self.devices.get(id);
    if (method === "POST" && rest === "calling/web/device") return register(self, base, user, headers, body);
    if (method === "GET" && rest === "calling/web/devices") return { userId: query.get("userid"), devices: of(self, query.get("userid")) };
    if (method === "POST" && status) {
      if (self.superseded.has(id)) refuse(409, "it is registered somewhere else");
      if (!device || device.user !== user) refuse(404, "there is no such device");
      device.lastSeen = new Date().toISOString();
      return {};
    }
    if (method === "DELETE" && id && !status) {
      if (!device || device.user !== user) refuse(404, "there is no such device");
      if (device.clientDeviceUri !== deviceUrl) refuse(400, "it is another device's");
      self.devices.delete(id);
      return {};
    }
    return refuse(404, "there is nothing of this name");
  }

  function register(self, base, user, headers, body) {
    const { userId, clientDeviceUri, serviceData, ...rest } = Object(body);
    const { indicator, domain, jwe, ...more } = Object(serviceData);
    const fine =
      typeof userId === "string" &&
      clientDeviceUri === headers["cisco-device-url"] &&
      /^(calling|contactcenter|guestcalling)$/.test(indicator) &&
      typeof domain === "string";
    if (!fine || Object.keys({ ...rest, ...more }).length > 0 || !/^(undefined|string)$/.test(typeof jwe))
      refuse(400, "the body is not what the SDK sends");
    for (const device of of(self, userId)) if (device.clientDeviceUri === clientDeviceUri) self.devices.delete(device.deviceId);
    const others = of(self, userId);
    if (others.length >= self.settings.limit) return [403, { errorCode: 101, userId, devices: others.map(shown) }];
    if (self.settings.supersede) {
      for (const { deviceId } of others) {
        self.superseded.add(deviceId);
        self.devices.delete(deviceId);
      }
    }
    const deviceId = randomUUID();
    const device = {
      user,
      userId,
      deviceId,
      uri: `${base}devices/${deviceId}`,
      status: "active",
      lastSeen: new Date().toISOString(),
      addresses: [`sip:${userId}@calling.example`],
      clientDeviceUri,
    };
    self.devices.set(deviceId, device);
    self.most = Math.max(self.most, self.devices.size);
    const { keepaliveInterval, callKeepaliveInterval, rehomingIntervalMin, rehomingIntervalMax, voicePortalNumber, voicePortalExtension } =
      self.settings;
    return {
      userId,
      device: shown(device),
      keepaliveInterval,
      callKeepaliveInterval,
      rehomingIntervalMin,
      rehomingIntervalMax,
      voicePortalNumber,
      voicePortalExtension,
    };
  }

  const of = ({ devices }, userId) => [...devices.values()].filter((device) => device.userId === userId);
  const shown = ({ user: _, userId: __, ...device }) => device;

  return { ...listener(route), named };
}
