// The record that the tabs of a line share: what is believed of it, and what is not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { readRecord, follows, uuid, MOST, KEPT } = await load(`export * from "./js/webex/record.js"`);

const DEVICE = {
  base: "https://a.example/api/v1/calling/web/",
  deviceId: "d-1",
  uri: "https://a.example/api/v1/calling/web/devices/d-1",
  addresses: ["sip:ada@calling.example"],
  lastSeen: null,
  keepaliveInterval: 30,
  callKeepaliveInterval: 10,
  rehomingIntervalMin: 60,
  rehomingIntervalMax: 120,
  voicePortalNumber: 5550100,
  voicePortalExtension: 100,
};
const ERROR = {
  status: "inactive",
  type: "registrationError",
  msg: "m",
  code: 503,
  errorCode: null,
  fatal: false,
  cause: "registrar",
  sdk: { type: "service_unavailable", message: "m", status: "inactive" },
};
const EVENT = { event: "reconnecting", status: "active", reason: null, missed: 1, nextAttemptAt: 1_800_000_000_000, error: ERROR };
const ACTIVE = { state: "active", device: DEVICE, connection: "connected" };
const RETRYING = { state: "retrying", since: null, tries: 2, round: 1, until: 1_800_000_000_000 };
const RECORD = {
  v: 2,
  lineId: uuid(),
  epoch: 7,
  revision: 40,
  sequence: 12,
  status: "active",
  device: DEVICE,
  saved: ACTIVE,
  events: [EVENT, { ...EVENT, event: "unregistered", reason: "superseded", error: null }],
  acknowledged: [uuid()],
};
const read = (value) => readRecord(JSON.stringify(value) ?? "");

test("an honest record is read as it is, and what no field asks for is left out", () => {
  for (const change of [
    {},
    { saved: RETRYING },
    { saved: { ...RETRYING, since: 1 } },
    { saved: null, device: null, events: [], acknowledged: [] },
    { revision: MOST, sequence: MOST },
    { status: "IDLE" },
  ]) {
    assert.deepEqual(read({ ...RECORD, ...change }), { ...RECORD, ...change });
  }
  assert.deepEqual(read({ ...RECORD, more: 1, device: { ...DEVICE, more: 1 } }), RECORD);
  // By an older version, and without what is optional.
  const { acknowledged: _, ...older } = RECORD;
  assert.deepEqual(read({ ...older, events: [{ event: "connecting", status: "IDLE" }] }), {
    ...RECORD,
    acknowledged: [],
    events: [{ event: "connecting", status: "IDLE", reason: null, missed: null, nextAttemptAt: null, error: null }],
  });
});

/** Every place of a value, as a function that puts something else there. */
function* places(value, put = (other) => other) {
  yield put;
  if (value && typeof value === "object") {
    for (const key of Object.keys(value)) {
      yield* places(value[key], (other) => {
        const copy = Array.isArray(value) ? [...value] : { ...value };
        copy[key] = other;
        return put(copy);
      });
    }
  }
}

test("whatever stands in any one place, the record is none, or each of its fields is of its kind", () => {
  const JUNK = [
    undefined,
    null,
    true,
    -1,
    0.5,
    2 ** 53,
    1e300,
    "",
    "constructor",
    "__proto__",
    "x".repeat(2000),
    "../../admin",
    [],
    [[]],
    {},
    { event: "toString" },
    Array(100).fill("x"),
  ];
  const kinds = (value) =>
    JSON.stringify(value, (_, item) => (typeof item === "string" && item.length > 1024 ? assert.fail("a text is too long") : item));
  let [none, some] = [0, 0];
  for (const start of [RECORD, { ...RECORD, saved: RETRYING }]) {
    for (const put of places(start)) {
      for (const junk of JUNK) {
        const record = read(put(junk));
        if (!record) {
          none++;
          continue;
        }
        some++;
        kinds(record);
        assert.deepEqual(Object.keys(record), Object.keys(RECORD));
        for (const number of [record.epoch, record.revision, record.sequence]) assert.ok(Number.isSafeInteger(number) && number >= 0);
        for (const { event, status, error } of record.events) {
          assert.match(event, /^(connecting|registered|unregistered|reconnecting|reconnected|error)$/);
          assert.match(status, /^(IDLE|active|inactive)$/);
          assert.ok(error === null || error.status === "inactive");
        }
        for (const device of [record.device, record.saved?.device]) if (device) assert.match(device.deviceId, /^[\w.~-]+$/);
        assert.ok(record.events.length <= KEPT && record.acknowledged.length <= KEPT);
      }
    }
  }
  assert.ok(none > 800 && some > 50, `${none} ${some}`);
});

test("what is no record at all is none, and is not even parsed if it is too long", () => {
  for (const found of [
    null,
    "",
    "{",
    "null",
    "7",
    "[]",
    "{}",
    '"v"',
    '{"v":1}',
    "[".repeat(500_000),
    `${" ".repeat(1_048_577)}${JSON.stringify(RECORD)}`,
  ])
    assert.equal(readRecord(found), undefined);
  for (const change of [
    { v: 1 },
    { revision: MOST + 1 },
    { sequence: MOST + 1 },
    { events: Array(KEPT + 1).fill(EVENT) },
    { acknowledged: Array(KEPT + 1).fill("x") },
    { lineId: "x" },
    { device: { ...DEVICE, deviceId: ".." } },
    { device: { ...DEVICE, addresses: Array(33).fill("sip:a") } },
    { saved: { ...RETRYING, round: 3 } },
    { saved: { state: "idle" } },
  ]) {
    assert.equal(read({ ...RECORD, ...change }), undefined, JSON.stringify(change).slice(0, 80));
  }
});

test("a record follows another one if it is ahead, and not too far", () => {
  const at = (revision, sequence = 12) => ({ ...RECORD, revision, sequence });
  for (const [next, expected] of [
    [at(41), true],
    [at(41, 14), true],
    [at(40 + 1_000_000), true],
    [at(40), false],
    [at(39), false],
    [at(41, 11), false],
    [at(41 + 1_000_000), false],
    [at(41, 13 + 1_000_000), false],
    [at(MOST), false],
    [at(1, 0), false],
  ]) {
    assert.equal(follows(next, RECORD), expected, `${next.revision} ${next.sequence}`);
  }
});

test("uuid() is one of version 4", () => {
  const all = new Set(Array.from({ length: 100 }, uuid));
  assert.equal(all.size, 100);
  for (const id of all) assert.match(id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});
