// The registrar's requests and replies, as the npm package makes and reads them: the same as in Rust, by the same vectors.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, vectors } from "./compile.mjs";

const { requestOf, readAnswer } = await load(`export * from "./js/webex/registrar.js"`);

const REGISTRANT = {
  userId: "u-17",
  clientDeviceUri: "https://wdm.example/devices/1",
  indicator: "guestcalling",
  domain: "a.example",
  jwe: "j.w.e",
};
const UUID = /[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

test("requests are byte for byte those of the reference", () => {
  for (const { purpose, method, url, headers, body } of vectors("webex/requests")) {
    const made = requestOf(REGISTRANT, { purpose: purpose.toLowerCase(), url });
    const shown = Object.entries(made.headers).map(([name, value]) => [name, value.replace(UUID, "$uuid")]);
    assert.deepEqual({ ...made, headers: shown }, { method, headers, body }, purpose);
  }
  assert.equal(JSON.parse(requestOf({ ...REGISTRANT, jwe: undefined }, { purpose: "register" }).body).serviceData.jwe, undefined);
});

test("replies are read field by field, with limits", () => {
  for (const { body, errorCode, made, other } of vectors("webex/replies")) {
    const expected = { errorCode, made, other: other && { ...other, clientDeviceUri: other.clientDeviceUri ?? undefined } };
    assert.deepEqual(readAnswer(JSON.stringify(body)), expected, JSON.stringify(body));
  }
  const nothing = { errorCode: undefined, made: undefined, other: undefined };
  for (const text of ["", " ", "{", "null", JSON.stringify({ errorCode: 101, more: "x".repeat(65_536) })])
    assert.deepEqual(readAnswer(text), nothing);
  const many = { device: { deviceId: "d", addresses: Array(40).fill("sip:a") } };
  assert.equal(readAnswer(JSON.stringify(many)).made.addresses.length, 32);
  assert.equal(readAnswer(JSON.stringify({ device: { deviceId: "d".repeat(1025) } })).made, undefined);
});
