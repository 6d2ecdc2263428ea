// The attacks that work against the original server, by plain fetch and a raw socket: each is refused, and says why.
import assert from "node:assert/strict";
import test from "node:test";
import { articleOf, canonical, driveOf, newKey, post, signText, signed } from "./commit.mjs";
import { origin, request } from "./house.mjs";
import { Line, proof, proofHeaders, socketUrl } from "./line.mjs";
import { part, scene } from "./scene.mjs";
import { C, P, everybody } from "./terms.mjs";

const read = (key, url, options = {}) => request(url, { headers: proofHeaders(key, url), ...options });

async function stateOf(key, subject) {
  const { status, body, text } = await read(key, subject);
  assert.equal(status, 200, text);
  return body;
}

/** Posts, and demands a refusal of this status whose description matches; gives the description. */
async function refused(commit, status, description) {
  const answer = await post(commit);
  assert.equal(answer.status, status, answer.text.slice(0, 500));
  assert.match(answer.headers.get("content-type"), /^application\/ad\+json/);
  assert.deepEqual(answer.body[P("isA")], [C("Error")]);
  assert.match(answer.body[P("description")], description);
  assert.doesNotMatch(answer.body[P("description")], /previousCommit/, "clients drop edits for that word");
}

test("unsigned overwrite: objects with @id in a posted body are stored nowhere", async () => {
  const { ann, mallory, drive, article, own } = await scene();
  const before = await stateOf(ann, article);
  const overwrite = { "@id": article, [P("name")]: "overwritten", [P("write")]: [mallory.agent], [P("isA")]: [C("Article")] };
  const before_drive = await stateOf(ann, drive);

  await refused(JSON.stringify(overwrite), 400, /./);
  await refused(JSON.stringify([overwrite]), 400, /./);
  const added = { ...signed(mallory, own, { set: { [P("name")]: "x" } }), "https://a.example/nested": overwrite };
  await refused(added, 400, /Incorrect signature/);
  const attachments = [overwrite, { ...overwrite, "@id": drive }];
  const nested = signed(mallory, own, { set: { [P("replyTo")]: overwrite, [P("attachments")]: attachments } });
  await post({ "@id": article, ...nested });
  await post(signed(mallory, own, { push: { [P("attachments")]: [overwrite] } }));
  await post(signed(mallory, own, { set: { "@id": article, [P("name")]: "x" } }));
  const line = await Line.open(mallory);
  line.say(`COMMIT ${JSON.stringify(overwrite)}`);
  assert.equal((await line.hears("REJECTED")).status, 400);
  line.close();

  assert.deepEqual(await stateOf(ann, article), before);
  assert.deepEqual(await stateOf(ann, drive), before_drive);
});

test("tampering: a signature holds for exactly what was signed", async () => {
  const { ann, mallory, article } = await scene();
  const good = signed(ann, article, { set: { [P("name")]: "good" } });
  const tampered = [
    { ...good, [P("set")]: { [P("name")]: "evil" } },
    { ...good, [P("signer")]: mallory.agent },
    { ...good, [P("createdAt")]: good[P("createdAt")] - 1 },
    { ...good, [P("destroy")]: true },
    { ...good, "https://a.example/more": 1 },
    { ...good, [P("signature")]: signText("x", ann) },
  ];
  for (const commit of tampered) {
    const { [P("signature")]: _, ...body } = commit;
    await refused(commit, 400, /^Incorrect signature for Commit\./);
    const { body: error } = await post(commit);
    assert.ok(error[P("description")].endsWith(canonical(body)), "the text ends with what should have been signed");
  }
  const { [P("signature")]: _, ...unsigned } = good;
  await refused(unsigned, 400, /signature/);
  for (const text of ["", "AAAA", "!".repeat(88), good[P("signature")].replace(/=+$/, ""), 5]) {
    await refused({ ...good, [P("signature")]: text }, 400, /signature/i);
  }
  assert.equal((await stateOf(ann, article))[P("name")], "x");
});

test("self-granted rights", async () => {
  const { ann, mallory, drive, article } = await scene();
  const mine = { [P("write")]: [mallory.agent, everybody], [P("read")]: [mallory.agent, everybody], [P("append")]: [everybody] };
  const detailed = /^Unauthorized\. No https:\/\/atomicdata\.dev\/properties\/\w+ right has been found for /;
  const unauthorized = /^Unauthorized\. /;
  await refused(articleOf(mallory, `${drive}/mine`, drive, mine), 401, detailed);
  await refused(signed(mallory, article, { set: mine }), 401, detailed);
  await refused(signed(mallory, article, { push: { [P("write")]: [mallory.agent] } }), 401, unauthorized);
  await refused(signed(mallory, article, { destroy: true }), 401, unauthorized);
  await refused(signed(mallory, article, { remove: [P("parent")] }), 401, unauthorized);
  await refused(signed(mallory, ann.agent, { set: { [P("name")]: "Mallory" } }), 401, unauthorized);
  for (const key of [ann, mallory]) {
    const swap = await post(signed(key, ann.agent, { set: { [P("publicKey")]: newKey().publicKey } }));
    assert.ok([400, 401].includes(swap.status), `a key is its agent's name: ${swap.text}`);
  }
  const invite = { [P("isA")]: [C("Invite")], [P("invite/target")]: drive, [P("invite/write")]: true };
  const own = `${origin}/t/${part()}`;
  assert.equal((await post(driveOf(mallory, own))).status, 200);
  await refused(signed(mallory, `${own}/i`, { set: { ...invite, [P("parent")]: own } }), 401, unauthorized);
  await refused(signed(mallory, `${own}/b`, { set: { [P("isA")]: [C("Commit")], [P("parent")]: own } }), 400, /Commit/);
  await refused(articleOf(mallory, `${origin}/t/${part()}`, "http://elsewhere.example/drive", mine), 400, /./);
  assert.equal((await read(mallory, article)).status, 401);
});

test("who is named in a cyclic or missing parent has no rights by it", async () => {
  const { ann, drive, article } = await scene();
  await refused(signed(ann, article, { set: { [P("parent")]: article } }), 400, /Circular parent reference/);
  const below = `${article}/below`;
  assert.equal((await post(articleOf(ann, below, article))).status, 200);
  await refused(signed(ann, article, { set: { [P("parent")]: below } }), 400, /Circular parent reference/);
  await refused(articleOf(ann, `${drive}/b`, `${drive}/nothing`), 400, /^Parent of .* not found/);
});

test("foreign subjects are not ours, however much they look like it", async () => {
  const { mallory } = await scene();
  const { hostname, port } = new URL(origin);
  const foreign = [
    `http://x.example/${origin}/y`, `http://x.example/?${origin}/y`, `http://x.example/#${origin}`, `${origin}1/y`,
    `${origin}.evil.example/y`, `${origin}@evil.example/y`, `http://${hostname}/y`, `http://${hostname}:1${port}/y`,
    `https://${hostname}:${port}/y`, `HTTP://${hostname}:${port}/y`, "/y", "y", "", "local:store/y", "sudo:agent",
    "https://atomicdata.dev/properties/name", everybody,
  ];
  for (const subject of foreign) {
    await refused(driveOf(mallory, subject), 400, /Subject of commit should be sent to other domain/);
  }
  for (const subject of [`${origin}/y?x=1`, `${origin}/y#x`]) await refused(driveOf(mallory, subject), 400, /query parameters/);
  const { [P("subject")]: _, ...nameless } = driveOf(mallory, `${origin}/t/${part()}`);
  await refused(nameless, 400, /No subject field in Commit/);
});

test("what belongs to the house cannot be taken", async () => {
  const { mallory, ann, article } = await scene();
  const commit = await stateOf(ann, article);
  const names = ["/commit", "/query", "/search", "/upload", "/setup", "/room/1", "/api/x", "/ws", `/agents/${newKey().publicKey}`];
  for (const subject of [...names.map((name) => origin + name), commit[P("lastCommit")], origin]) {
    const { status, text } = await post(driveOf(mallory, subject));
    assert.ok([400, 401, 404, 409].includes(status), `${subject}: ${status} ${text}`);
  }
});

test("replay: a known commit is answered, and changes nothing", async () => {
  const { ann, article, drive } = await scene();
  const push = signed(ann, article, { push: { [P("tags")]: [`${origin}/tags/a`] } });
  const first = await post(push);
  const second = await post(push);
  assert.deepEqual([first.status, second.status], [200, 200]);
  assert.deepEqual(second.body, first.body);
  assert.deepEqual((await stateOf(ann, article))[P("tags")], [`${origin}/tags/a`]);

  const old = signed(ann, article, { set: { [P("name")]: "old" } });
  await post(old);
  await post(signed(ann, article, { set: { [P("name")]: "new" } }));
  assert.equal((await post({ ...old, "@id": "local:store/commits/x" })).status, 200);
  assert.equal((await stateOf(ann, article))[P("name")], "new");

  const listener = await Line.open(ann);
  listener.say(`SUBSCRIBE ${article}`);
  await listener.rest();
  await post(old);
  assert.deepEqual(await listener.rest(), [], "a replay is not heard");
  const destroy = signed(ann, article, { destroy: true });
  assert.equal((await post(destroy)).status, 200);
  assert.equal((await post(articleOf(ann, article, drive))).status, 200);
  assert.equal((await post(destroy)).status, 200, "a replayed destroy is answered");
  assert.equal((await read(ann, article)).status, 200, "and destroys nothing");
  listener.close();
});

test("commits from the future, by others' agents, or by nobody's", async () => {
  const { ann, article, mallory } = await scene();
  const later = signed(ann, article, { set: { [P("name")]: "later" } }, { [P("createdAt")]: Date.now() + 60_000 });
  await refused(later, 400, /^Commit CreatedAt timestamp must lie in the past\./);
  for (const signer of ["sudo:agent", everybody, "http://elsewhere.example/agents/x", `${origin}/agents/x`, article, "", 5]) {
    const { status, text } = await post(signed(mallory, article, { set: { [P("name")]: "x" } }, { [P("signer")]: signer }));
    assert.ok([400, 401].includes(status), `${signer}: ${status} ${text}`);
  }
  assert.equal((await stateOf(ann, article))[P("name")], "x");
});

test("proofs that are expired, early, for another place, or another's", async () => {
  const { ann, mallory, drive } = await scene();
  const minute = 60_000;
  const bad = {
    "expired": proof(ann, { timestamp: Date.now() - 6 * minute }),
    "from the future": proof(ann, { timestamp: Date.now() + minute }),
    "for another server": proof(ann, { requestedSubject: "ws://elsewhere.example/ws" }),
    "for a look-alike": proof(ann, { requestedSubject: `${socketUrl.replace("/ws", "")}.evil.example/ws` }),
    "for the upgrade only": proof(ann, { requestedSubject: "ws" }),
    "by another key": { ...proof(mallory), "https://atomicdata.dev/properties/auth/agent": ann.agent },
    "of another's signature": proof(ann, { signature: signText("x", mallory) }),
    "by a foreign agent": proof(ann, { agent: `http://elsewhere.example/agents/${ann.publicKey}` }),
    "by everybody": proof(ann, { agent: everybody }),
    "by the original's superuser": proof(ann, { agent: "sudo:agent" }),
  };
  const line = await Line.open();
  for (const [what, value] of Object.entries(bad)) {
    line.say(`AUTHENTICATE ${JSON.stringify(value)}`);
    assert.match(await line.hears("ERROR"), /^(Authentication failed|Invalid AUTHENTICATE JSON): ./, what);
    line.say(`GET ${drive}`);
    assert.deepEqual((await line.hears("RESOURCE"))[P("isA")], [C("Error")], what);
  }
  line.close();

  for (const [what, headers] of Object.entries({
    "expired": proofHeaders(ann, drive, Date.now() - 6 * minute),
    "early": proofHeaders(ann, drive, Date.now() + minute),
    "for another URL": proofHeaders(ann, `${drive}/other`),
    "for the same without its query": proofHeaders(ann, drive.slice(0, -1)),
    "by another key": { ...proofHeaders(mallory, drive), "x-atomic-agent": ann.agent },
  })) {
    const answer = await request(drive, { headers });
    assert.equal(answer.status, 401, `${what}: ${answer.text}`);
  }
  const { "x-atomic-timestamp": _, ...partial } = proofHeaders(ann, drive);
  assert.equal((await request(drive, { headers: partial })).status, 400);
  const elsewhere = btoa(JSON.stringify(proof(ann, { requestedSubject: "http://elsewhere.example" })));
  assert.equal((await request(drive, { headers: { Authorization: `Bearer ${elsewhere}` } })).status, 401);
  const ofSocket = btoa(JSON.stringify(proof(ann)));
  assert.equal((await request(drive, { headers: { Authorization: `Bearer ${ofSocket}` } })).status, 401, "a socket's proof is no session");
});

test("huge and deep JSON is refused, and nothing falls over", async () => {
  const { ann, article } = await scene();
  const deep = (depth) => "[".repeat(depth) + "]".repeat(depth);
  const bodies = {
    "a deep array": deep(100_000),
    "a deep object": `${"{\"a\":".repeat(50_000)}1${"}".repeat(50_000)}`,
    "nothing": "",
    "half": "{\"a\":",
    "a text": "\"x\"",
    "null": "null",
    "not UTF-8": Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    "half a surrogate pair": `{"${P("subject")}":"\\ud800"}`,
  };
  for (const [what, body] of Object.entries(bodies)) {
    const { status, text } = await post(body);
    assert.ok([400, 413].includes(status), `${what}: ${status} ${text.slice(0, 200)}`);
  }
  const value = JSON.parse(deep(100));
  const { status } = await post(signed(ann, article, { set: { "https://a.example/deep": value } }));
  assert.ok([400, 413, 422].includes(status), "arrays hold texts and objects, not arrays");
  const huge = await post(`{"x":"${"x".repeat(30_000_000)}"}`).then((answer) => answer.status, () => "closed");
  assert.ok([413, "closed"].includes(huge), `30 MB: ${huge}`);
  assert.equal((await read(ann, article)).status, 200);
});

test("values that every client's parser would choke on are refused", async () => {
  const { ann, article } = await scene();
  const unknown = "https://a.example/unknown";
  const wrong = [
    [{ [P("name")]: 5 }, /name/], [{ [P("name")]: ["x"] }, /name/], [{ [P("name")]: null }, /Null not allowed in JSON-AD/],
    [{ [P("isLocked")]: "true" }, /isLocked|is-locked/], [{ [P("max")]: 1.5 }, /max/], [{ [P("max")]: 1e30 }, /max/],
    [{ [P("createdAt")]: "today" }, /created/i], [{ [P("shortname")]: "No Slug" }, /shortname/],
    [{ [P("replyTo")]: "not a url" }, /reply/i], [{ [P("tags")]: "http://a.b/c" }, /tags/], [{ [P("tags")]: [1] }, /tags/],
    [{ [P("tags")]: [["x"]] }, /tags/], [{ [P("isA")]: "x" }, /isA|is-a/], [{ [P("read")]: everybody }, /read/],
    [{ [unknown]: [1, 2] }, /unknown/], [{ [unknown]: [[]] }, /unknown/], [{ [unknown]: { x: null } }, /Null not allowed/],
    [{ "not a url": 1 }, /not a url/], [{ "@id": article }, /@id/],
  ];
  for (const [set, description] of wrong) await refused(signed(ann, article, { set }), 400, description);
  await refused(signed(ann, article, { push: { [P("name")]: ["x"] } }), 400, /pushing to array/);
  await refused(signed(ann, article, { push: { [P("tags")]: [1] } }), 400, /tags/);
  await refused(signed(ann, article, { push: { [P("tags")]: "x" } }), 400, /push/);
  await refused(signed(ann, article, { remove: "x" }), 400, /remove/);
  await refused(signed(ann, article, { remove: [P("description")] }), 400, /description.*required in class/i);
  await refused(signed(ann, `${article}/none`, { destroy: true }), 404, /./);
  assert.equal((await stateOf(ann, article))[P("name")], "x");
});

test("methods and paths that take nothing say so", async () => {
  const { ann, article } = await scene();
  const posted = await request(article, { method: "POST", body: "{}", headers: proofHeaders(ann, article) });
  assert.equal(posted.status, 405);
  assert.match(posted.body[P("description")], /Cannot post here/);
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    assert.equal((await read(ann, article, { method })).status, 405, method);
  }
  assert.equal((await read(ann, article)).status, 200);
});

test("HEAD on an invite accepts nothing, and a GET in a foreign page is not kept", async () => {
  const { ann, drive, mallory } = await scene();
  const invite = `${drive}/invite`;
  const set = {
    [P("isA")]: [C("Invite")], [P("parent")]: drive, [P("invite/target")]: drive,
    [P("invite/write")]: true, [P("invite/usagesLeft")]: 1,
  };
  assert.equal((await post(signed(ann, invite, { set }))).status, 200);
  const url = `${invite}?public-key=${encodeURIComponent(mallory.publicKey)}`;
  for (const method of ["HEAD", "OPTIONS", "POST", "DELETE"]) await request(url, { method });
  assert.equal((await stateOf(ann, invite))[P("invite/usagesLeft")], 1);
  assert.equal((await read(mallory, drive)).status, 401);
  const accepted = await request(url);
  assert.equal(accepted.status, 200, accepted.text);
  assert.match(accepted.headers.get("cache-control"), /no-store/);
  assert.equal((await read(mallory, drive)).status, 200);
});
