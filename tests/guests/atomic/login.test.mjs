// Proofs of identity over plain HTTP, as browsers and scripts carry them.
import assert from "node:assert/strict";
import test from "node:test";
import { createAuthentication } from "@tomic/lib";
import { enter, newAgent, newDrive, origin, request } from "./house.mjs";
import { P } from "./terms.mjs";

const AUTH = "https://atomicdata.dev/properties/auth/";

/** An agent with a private drive, and its session as a browser signs it once a day. */
async function session() {
  const ann = await newAgent();
  const drive = await newDrive(await enter(ann));
  const proof = await createAuthentication(origin, ann);
  return { ann, drive, proof, bob: await newAgent() };
}

const base64 = (value) => btoa(typeof value === "string" ? value : JSON.stringify(value));
const cookie = (value) => ({ Cookie: `theme=dark; atomic_session=${encodeURIComponent(value)}; last=1` });
const bearer = (value) => ({ Authorization: `Bearer ${value}` });

test("a session in a cookie or as Bearer reads what its agent may read", async () => {
  const { drive, proof, ann } = await session();
  for (const headers of [cookie(base64(proof)), bearer(base64(proof))]) {
    const answer = await request(drive.subject, { headers });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.body[P("write")], [ann.subject]);
    assert.match(answer.headers.get("cache-control"), /no-store/);
  }
});

test("of several cookies the one that fits counts", async () => {
  const { drive, proof, ann } = await session();
  const other = await createAuthentication("http://elsewhere.example", ann);
  const [first, second] = [other, proof].map((value) => `atomic_session=${encodeURIComponent(base64(value))}`);
  assert.equal((await request(drive.subject, { headers: { Cookie: `${first}; ${second}` } })).status, 200);
});

test("signed headers read what their agent may read", async () => {
  const { drive, ann, bob } = await session();
  assert.equal((await request(drive.subject, { agent: ann })).status, 200);
  assert.equal((await request(drive.subject, { agent: bob })).status, 401);
  const nobody = await request(drive.subject);
  assert.equal(nobody.status, 401);
  assert.match(nobody.body[P("description")], /^Unauthorized\. .*Try signing in/);
});

test("what cannot be understood is refused, and is not taken for nobody", async () => {
  const { drive, proof } = await session();
  const { [`${AUTH}signature`]: _, ...unsigned } = proof;
  for (const broken of ["", "%%%", base64("no json"), base64(unsigned)]) {
    const answer = await request(drive.subject, { headers: bearer(broken) });
    assert.equal(answer.status, 401, `Bearer ${broken}: ${answer.text}`);
  }
  for (const broken of ["%%%", base64("no json"), base64(unsigned)]) {
    const answer = await request(drive.subject, { headers: cookie(broken) });
    assert.equal(answer.status, 401, `cookie ${broken}: ${answer.text}`);
  }
});

test("a session of a day is not too old, one of two days is", async () => {
  const { drive, ann } = await session();
  const { signToBase64 } = await import("@tomic/lib");
  const hour = 60 * 60 * 1000;
  for (const [age, status] of [[23 * hour, 200], [48 * hour, 401]]) {
    const timestamp = Date.now() - age;
    const proof = {
      [`${AUTH}agent`]: ann.subject,
      [`${AUTH}requestedSubject`]: origin,
      [`${AUTH}publicKey`]: await ann.getPublicKey(),
      [`${AUTH}timestamp`]: timestamp,
      [`${AUTH}signature`]: await signToBase64(`${origin} ${timestamp}`, ann.privateKey),
    };
    const answer = await request(drive.subject, { headers: cookie(base64(proof)) });
    assert.equal(answer.status, status, `${age / hour} hours: ${answer.text}`);
  }
});
