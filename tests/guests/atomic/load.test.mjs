// Much of everything: subscriptions, writers, items, bytes.
import assert from "node:assert/strict";
import test from "node:test";
import { canonical, driveOf, newKey, post, signed, articleOf } from "./commit.mjs";
import { enter, newAgent, newArticle, newDrive, origin, request, settled, stored } from "./house.mjs";
import { Line, proofHeaders } from "./line.mjs";
import { P } from "./terms.mjs";
import { until, within } from "./waiting.mjs";

const part = () => Math.random().toString(36).slice(2);

test("five thousand subscriptions on one socket, each of which is heard", async () => {
  const key = newKey();
  const drive = `${origin}/t/${part()}`;
  assert.equal((await post(driveOf(key, drive))).status, 200);
  const subjects = Array.from({ length: 5_000 }, (_, number) => `${drive}/${number}`);
  const commits = subjects.map((subject) => JSON.stringify(articleOf(key, subject, drive)));

  const reader = await Line.open(key);
  for (const subject of subjects) reader.say(`SUBSCRIBE ${subject}`);
  assert.deepEqual(await reader.rest(), [], "SUBSCRIBE is silent, whatever it is for");

  const writer = await Line.open();
  const acknowledged = (async () => {
    for (const _ of subjects) await writer.hears("COMMITTED");
  })();
  const heard = (async () => {
    const seen = new Map();
    while (seen.size < subjects.length) {
      const subject = (await reader.hears("COMMIT"))[P("subject")];
      seen.set(subject, (seen.get(subject) ?? 0) + 1);
    }
    return seen;
  })();
  for (const commit of commits) writer.say(`COMMIT ${commit}`);
  const [seen] = await within(Promise.all([heard, acknowledged]), "5,000 commits to be acknowledged and heard", 60_000);
  assert.deepEqual([...seen.keys()].sort(), [...subjects].sort());
  assert.ok([...seen.values()].every((times) => times === 1), "each once");

  reader.say(`UNSUBSCRIBE ${subjects[0]}`);
  for (const subject of subjects.slice(0, 2)) {
    assert.equal((await post(signed(key, subject, { set: { [P("name")]: "again" } }))).status, 200);
  }
  assert.equal((await reader.hears("COMMIT"))[P("subject")], subjects[1]);
  assert.deepEqual(await reader.rest(), []);
  reader.close();
  writer.close();
});

test("fifty writers at one resource lose nothing", async () => {
  const rounds = 4;
  const agents = await Promise.all(Array.from({ length: 50 }, newAgent));
  const all = agents.map((agent) => agent.subject);
  const owner = await enter(await newAgent());
  const own = owner.getAgent().subject;
  const drive = await newDrive(owner, { [P("read")]: [own, ...all], [P("write")]: [own, ...all] });
  const article = await newArticle(owner, drive, { [P("tags")]: [] });
  await settled(owner);

  const write = async (agent, number) => {
    const store = await enter(agent);
    const copy = await store.fetchResourceFromServer(article.subject);
    for (let round = 0; round < rounds; round++) {
      copy.push(P("tags"), [`${origin}/tags/${number}-${round}`]);
      await copy.set(`https://writers.example/${number}`, round, false);
      await copy.save();
    }
    store.getDefaultWebSocket().terminate();
  };
  await within(Promise.all(agents.map(write)), "fifty writers to finish", 90_000);

  const state = await stored(article.subject, owner.getAgent());
  const wanted = agents.flatMap((_, number) => Array.from({ length: rounds }, (_, round) => `${origin}/tags/${number}-${round}`));
  assert.deepEqual([...state[P("tags")]].sort(), wanted.sort());
  for (const number of agents.keys()) assert.equal(state[`https://writers.example/${number}`], rounds - 1);
  await until(owner, article.subject, (seen) => seen.getArray(P("tags")).length === wanted.length, "all pushes, live");
  const live = owner.resources.get(article.subject);
  assert.deepEqual(live.get(P("tags")), state[P("tags")], "who listens has them in the same order");
  assert.equal((await article.getHistory()).length, 1 + wanted.length);
});

test("a resource with ten thousand items, and one more", async () => {
  const agent = await newAgent();
  const [store, other] = [await enter(agent), await enter(agent)];
  const items = Array.from({ length: 10_000 }, (_, number) => `${origin}/items/${number}`);
  const article = await newArticle(store, await newDrive(store), { [P("tags")]: items });
  const copy = await other.getResource(article.subject);
  assert.equal(copy.getArray(P("tags")).length, 10_000);
  await settled(other);
  article.push(P("tags"), [`${origin}/items/last`]);
  await article.save();
  await until(other, article.subject, (seen) => seen.getArray(P("tags")).length === 10_001, "the last item");
  assert.deepEqual((await stored(article.subject, agent))[P("tags")], [...items, `${origin}/items/last`]);
});

test("a commit of a megabyte is stored, heard and read; one of ten is refused", async () => {
  const agent = await newAgent();
  const [store, other] = [await enter(agent), await enter(agent)];
  const article = await newArticle(store, await newDrive(store));
  await other.getResource(article.subject);
  await settled(other);
  const text = "äöü€😀 lorem ipsum ".repeat(40_000);
  assert.ok(Buffer.byteLength(text) > 1_000_000);
  await article.set(P("description"), text);
  await article.save();
  await until(other, article.subject, (seen) => seen.get(P("description"))?.length === text.length, "a megabyte, live");
  assert.equal((await stored(article.subject, agent))[P("description")], text);
  const fetched = await other.fetchResourceFromServer(article.subject);
  assert.equal(fetched.get(P("description")), text, "by the socket");

  await article.set(P("description"), "x".repeat(10_000_000), false);
  const refused = await article.save().then(() => assert.fail("it was taken"), (error) => error);
  assert.doesNotMatch(refused.message, /previousCommit/);
  assert.equal((await stored(article.subject, agent))[P("description")], text);
});

test("what is larger than a bound is refused with 413, on the socket too", async () => {
  const key = newKey();
  const drive = `${origin}/t/${part()}`;
  assert.equal((await post(driveOf(key, drive))).status, 200);
  const large = articleOf(key, `${drive}/large`, drive, { [P("description")]: "x".repeat(2_200_000) });
  const refused = await post(large);
  assert.equal(refused.status, 413, refused.text.slice(0, 300));
  const many = { [P("tags")]: Array.from({ length: 50_001 }, (_, number) => `http://a.b/${number}`) };
  const crowded = await post(articleOf(key, `${drive}/crowded`, drive, many));
  assert.equal(crowded.status, 413, crowded.text.slice(0, 300));
  const line = await Line.open(key);
  line.say(`COMMIT ${canonical(large)}`);
  assert.equal((await line.hears("REJECTED")).status, 413);
  line.say(`GET ${drive}`);
  assert.equal((await line.hears("RESOURCE"))["@id"], drive, "the socket stays open");
  line.close();
  assert.equal((await request(`${drive}/large`, { headers: proofHeaders(key, `${drive}/large`) })).status, 404);
});
