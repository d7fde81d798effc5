/**
 * What a test wants of the sign-in server for one client: settings, things that go wrong, and a record of what was asked. A client exists as soon as
 * a request names it, so that a test that makes up its own `client_id` is alone.
 *
 * A *fault* is `{kind?, user?, times?, delayMs?, drop?, status?, error?, headers?, holdMs?}` and applies to the next `times` (1) requests of this kind
 * (`authorize`, `code`, `refresh`, `revoke`, `userinfo`; default: `code` and `refresh`) and, if given, of this user:
 *   delayMs                 waits before anything is done
 *   drop: "before"          cuts the connection; nothing was done
 *   status, error, headers  replies so; nothing was done. `error` is OAuth's (`invalid_grant`), 400 unless `status` says otherwise
 *   holdMs                  the request is carried out, the reply waits
 *   drop: "after"           the request is carried out, then the connection is cut: the other side does not know the outcome
 */
const SETTINGS = { accessSeconds: 3600, refreshSeconds: 86_400, reuse: "strict", graceMs: 0, skewMs: 0 };
const FAULT = ["kind", "user", "times", "delayMs", "drop", "status", "error", "headers", "holdMs"];
const TOKEN_KINDS = ["code", "refresh"];

export function scriptedClients() {
  const clients = new Map();

  const client = (id) => {
    if (!clients.has(id)) clients.set(id, makeClient());
    return clients.get(id);
  };
  return { client };
}

function makeClient() {
  let settings = { ...SETTINGS };
  let faults = [];
  const requests = [];
  const waiting = new Set();

  const self = {
    get settings() {
      return settings;
    },
    /** Every request: `{kind, user, at, doneAt, outcome}`. `outcome` is the status, `"dropped"`, `"gone"` (the other side hung up), or null: not yet. Times in ms since 1970. */
    requests,
    set(changes) {
      const unknown = Object.keys(changes).find((key) => !(key in SETTINGS));
      if (unknown) throw new TypeError(`there is no setting ${unknown}`);
      settings = { ...settings, ...changes };
    },
    /** Adds faults; the first that fits a request is taken. */
    fail(...more) {
      for (const fault of more) {
        const unknown = Object.keys(fault).find((key) => !FAULT.includes(key));
        if (unknown) throw new TypeError(`a fault has no ${unknown}`);
        faults.push({ times: 1, ...fault });
      }
    },
    /** Forgets faults and requests, and goes back to the first settings. Tokens stay good. */
    reset() {
      settings = { ...SETTINGS };
      faults = [];
      requests.length = 0;
    },
    count: (kind) => requests.filter((request) => request.kind === kind).length,
    /** Resolves when `count` requests of a kind have come in. */
    seen: (kind, count = 1) =>
      new Promise((resolve) => {
        const check = () => {
          if (self.count(kind) < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),

    /** For the server: notes a request and gives it with the fault that is meant for it. */
    begin(kind, user) {
      const request = { kind, user, at: Date.now(), doneAt: null, outcome: null };
      requests.push(request);
      const fault = faults.find(
        (fault) => (fault.kind ? fault.kind === kind : TOKEN_KINDS.includes(kind)) && (fault.user === undefined || fault.user === user),
      );
      if (fault && --fault.times <= 0) faults = faults.filter((other) => other !== fault);
      for (const check of [...waiting]) check();
      return { request, fault: fault ?? {} };
    },
  };
  return self;
}
