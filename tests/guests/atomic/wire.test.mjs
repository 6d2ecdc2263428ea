// The raw socket: pipelined, fragmented, in pieces; what is wrong is told, and the socket stays open.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import test from "node:test";
import { articleOf, driveOf, isGenuine, newKey, post, signText, signed } from "./commit.mjs";
import { origin, request } from "./house.mjs";
import { Line, proof, proofHeaders } from "./line.mjs";
import { C, P, everybody } from "./terms.mjs";
import { within } from "./waiting.mjs";

/** A key with a private drive. */
async function owner(rest) {
  const key = newKey();
  const drive = `${origin}/t/${Math.random().toString(36).slice(2)}`;
  const answer = await post(driveOf(key, drive, rest));
  assert.equal(answer.status, 200, answer.text);
  return { key, drive };
}

const rename = (key, subject, name) => signed(key, subject, { set: { [P("name")]: name } });

test("pipelined frames take effect in order", async () => {
  const { key, drive } = await owner();
  const line = await Line.open();
  line.say(`GET ${drive}`);
  line.say(`AUTHENTICATE ${JSON.stringify(proof(key))}`);
  line.say(`GET ${drive}`);
  line.say(`SUBSCRIBE ${drive}`);
  line.say(`COMMIT ${JSON.stringify(rename(key, drive, "pipelined"))}`);
  const before = await line.hears("RESOURCE");
  assert.deepEqual([before["@id"], before[P("isA")]], [drive, [C("Error")]]);
  assert.deepEqual(Object.keys(before).sort(), ["@id", P("description"), P("isA")].sort());
  assert.equal((await line.hears("RESOURCE"))[P("name")], "A drive made by hand");
  assert.equal((await line.hears("COMMIT"))[P("set")][P("name")], "pipelined");
  line.close();
});

test("fragmented messages are put together", async () => {
  const { key, drive } = await owner();
  const line = await Line.open(key);
  for (const [index, character] of [...`GET ${drive}`].entries()) {
    line.socket.send(character, { fin: index === `GET ${drive}`.length - 1 });
    if (index === 3) line.socket.ping();
  }
  assert.equal((await line.hears("RESOURCE"))["@id"], drive);
  line.close();
});

/** A masked text frame, as bytes. */
function frame(text) {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const length = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x81, ...length]), mask, payload.map((byte, index) => byte ^ mask[index % 4])]);
}

test("many frames in one segment, and frames cut anywhere", async () => {
  const { key, drive } = await owner();
  const { hostname, port, host } = new URL(origin);
  const frames = Buffer.concat([
    frame(`AUTHENTICATE ${JSON.stringify(proof(key))}`),
    ...Array.from({ length: 20 }, () => frame(`GET ${drive}`)),
  ]);
  const handshake =
    `GET /ws HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`;
  for (const size of [frames.length, 7]) {
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    let heard = "";
    const answered = new Promise((resolve) => {
      socket.on("data", (data) => {
        heard += data.toString("latin1");
        if (heard.split("RESOURCE ").length > 20) resolve();
      });
    });
    await within(once(socket, "connect"), "a connection");
    socket.write(handshake);
    await within(once(socket, "data"), "the answer to the handshake");
    for (let at = 0; at < frames.length; at += size) socket.write(frames.subarray(at, at + size));
    await within(answered, `20 answers to frames in pieces of ${size} bytes; heard ${heard}`);
    assert.ok(!heard.includes("Unauthorized"));
    socket.destroy();
  }
});

test("what is wrong is told by ERROR, and the socket stays open with its identity", async () => {
  const { key, drive } = await owner();
  const line = await Line.open(key);
  const table = [
    ["HELLO world", /^Unknown message: HELLO world/],
    ["", /^Unknown message: /],
    ["SUBSCRIBE", /^Unknown message: SUBSCRIBE/],
    [`subscribe ${drive}`, /^Unknown message: /],
    ["AUTHENTICATE {", /^Invalid AUTHENTICATE JSON: /],
    ["AUTHENTICATE {}", /^Invalid AUTHENTICATE JSON: /],
    [`AUTHENTICATE ${JSON.stringify(proof(key, { signature: signText("something else", key) }))}`, /^Authentication failed: /],
    [Buffer.from([1, 2, 3]), /Binary not supported/],
  ];
  for (const [said, error] of table) {
    line.say(said);
    assert.match(await line.hears("ERROR"), error, String(said));
  }
  line.say("x".repeat(100_000));
  assert.ok((await line.hears("ERROR")).length < 2_000, "the peer's own words come back in part only");
  line.say(`GET ${drive}`);
  assert.equal((await line.hears("RESOURCE"))[P("name")], "A drive made by hand", "it is still the owner");
  line.close();
});

test("the subject of an answer is the one that was asked for, letter by letter", async () => {
  const { key, drive } = await owner({ readers: [everybody] });
  const line = await Line.open(key);
  const query = `property=${encodeURIComponent(P("isA"))}&value=${encodeURIComponent(C("Drive"))}`;
  const asked = [
    drive, origin, `${origin}/`, `${drive}/`, `${origin}//x//y`, `${origin}/query?${query}&page_size=1`,
    `${origin}/query?page_size=1&${query}`, "not a url", "http://elsewhere.example/x", `${origin}/%F0%9F%98%80?a=b+c`, key.agent,
    `${drive}?x=1`,
  ];
  for (const subject of asked) line.say(`GET ${subject}`);
  for (const subject of asked) assert.equal((await line.hears("RESOURCE"))["@id"], subject);
  assert.deepEqual(await line.rest(), []);
  line.close();
});

test("commits by the socket are acknowledged or rejected, each with its signature", async () => {
  const { key, drive } = await owner();
  const line = await Line.open();
  const commit = rename(key, drive, "by socket");
  line.say(`COMMIT ${JSON.stringify(commit)}`);
  const done = await line.hears("COMMITTED");
  assert.deepEqual([done["@id"], done.subject], [`${origin}/commits/${commit[P("signature")]}`, drive]);
  assert.equal(typeof done.position, "string");
  line.say(`COMMIT ${JSON.stringify(commit)}`);
  assert.deepEqual(await line.hears("COMMITTED"), done, "a known one is answered as before");

  const stranger = rename(newKey(), drive, "by a stranger");
  line.say(`COMMIT ${JSON.stringify(stranger)}`);
  const rejected = await line.hears("REJECTED");
  assert.deepEqual([rejected.signature, rejected.status], [stranger[P("signature")], 401]);
  assert.match(rejected.error, /^Unauthorized\. /);
  line.say("COMMIT {");
  const broken = await line.hears("REJECTED");
  assert.deepEqual([broken.signature, broken.status], [null, 400]);
  line.close();
});

test("many subjects at once", async () => {
  const { key, drive } = await owner();
  const article = `${drive}/a`;
  assert.equal((await post(articleOf(key, article, drive))).status, 200);
  const line = await Line.open(key);
  const hidden = (await owner()).drive;
  line.say(`SUBSCRIBE ${JSON.stringify([drive, article, hidden])}`);
  assert.deepEqual(await line.hears("SUBSCRIBED"), { [drive]: true, [article]: true, [hidden]: false });
  line.say(`UNSUBSCRIBE ${JSON.stringify([drive])}`);
  assert.deepEqual(await line.hears("UNSUBSCRIBED"), [drive]);
  for (const subject of [drive, article]) assert.equal((await post(rename(key, subject, "new"))).status, 200);
  const heard = await line.hears("COMMIT");
  assert.equal(heard[P("subject")], article);
  assert.ok(isGenuine(heard));
  line.close();
});

test("the handshake: sub-protocol, header proofs, and no upgrade", async () => {
  const { key, drive } = await owner();
  const named = await Line.open(null, { protocols: ["AtomicData"] });
  assert.equal(named.socket.protocol, "AtomicData");
  named.close();
  const headed = await Line.open(null, { headers: proofHeaders(key, "ws") });
  headed.say(`GET ${drive}`);
  assert.equal((await headed.hears("RESOURCE"))[P("name")], "A drive made by hand");
  headed.close();
  const { "x-atomic-agent": _, ...partial } = proofHeaders(key, "ws");
  assert.equal(await Line.refused({ headers: partial }), 400);
  assert.equal(await Line.refused({ headers: proofHeaders(key, "wss") }), 401);
  const { status } = await request(`${origin}/ws`);
  assert.ok([400, 426].includes(status), `GET /ws without upgrade: ${status}`);
});
