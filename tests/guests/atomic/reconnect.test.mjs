// Coming back: with the library, which does not, and by RESUME on a raw socket.
import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { articleOf, driveOf, newKey, post, signed } from "./commit.mjs";
import { enter, newAgent, newArticle, newDrive, origin, settled } from "./house.mjs";
import { Line } from "./line.mjs";
import { P } from "./terms.mjs";
import { until, within } from "./waiting.mjs";

const subjectOf = () => `${origin}/t/${Math.random().toString(36).slice(2)}`;

async function posted(commit) {
  const answer = await post(commit);
  assert.equal(answer.status, 200, answer.text);
  return answer.headers.get("x-quintet-position");
}

test("a client whose socket is gone goes on by HTTP, and a new one hears on", async () => {
  const agent = await newAgent();
  const store = await enter(agent);
  const article = await newArticle(store, await newDrive(store));
  const socket = store.getDefaultWebSocket();
  const closed = once(socket, "close");
  socket.terminate();
  await within(closed, "the socket to close");

  await article.set(P("name"), "without a socket");
  await article.save();
  await article.refresh();
  assert.equal(store.resources.get(article.subject).get(P("name")), "without a socket");
  assert.equal((await store.fetchResourceFromServer(article.subject)).get(P("name")), "without a socket");

  const fresh = await enter(agent);
  assert.equal((await fresh.getResource(article.subject)).get(P("name")), "without a socket");
  await settled(fresh);
  await article.set(P("name"), "heard again");
  await article.save();
  await until(fresh, article.subject, (seen) => seen.get(P("name")) === "heard again", "the edit, at the new client");
});

test("RESUME gives what was missed, in order, and then what comes", async () => {
  const key = newKey();
  const [drive, one, two] = [subjectOf(), subjectOf(), subjectOf()];
  await posted(driveOf(key, drive));
  await posted(articleOf(key, one, drive));
  await posted(articleOf(key, two, drive));
  const rename = (subject, name) => signed(key, subject, { set: { [P("name")]: name } });

  const before = await Line.open(key);
  before.say(`RESUME ${JSON.stringify({ [one]: "none", [two]: "none" })}`);
  const first = await before.hears("RESUMED");
  for (const subject of [one, two]) {
    assert.equal(first[subject].recovered, false, "who has no position yet recovers nothing");
    assert.equal(typeof first[subject].position, "string");
  }
  const position = await posted(rename(one, "heard"));
  assert.equal((await before.hears("COMMIT"))[P("set")][P("name")], "heard");
  assert.deepEqual(await before.hears("POSITION"), { [one]: position });
  before.close();

  const missed = [];
  for (let number = 0; number < 10; number++) {
    const commit = rename(number % 2 ? one : two, `missed ${number}`);
    await posted(commit);
    missed.push(commit);
  }
  const after = await Line.open(key);
  after.say(`RESUME ${JSON.stringify({ [one]: position, [two]: first[two].position })}`);
  const resumed = await after.hears("RESUMED");
  assert.deepEqual([resumed[one].recovered, resumed[two].recovered], [true, true]);
  const heard = [];
  for (const _ of missed) heard.push(await after.hears("COMMIT"));
  for (const subject of [one, two]) {
    const of = (commits) => commits.filter((commit) => commit[P("subject")] === subject).map((commit) => commit[P("signature")]);
    assert.deepEqual(of(heard), of(missed), `every missed COMMIT of ${subject}, once, in order`);
  }
  await posted(rename(two, "live"));
  assert.equal((await after.hears("COMMIT"))[P("set")][P("name")], "live");
  after.close();
});

test("RESUME says so when it cannot", async () => {
  const [key, stranger] = [newKey(), newKey()];
  const drive = subjectOf();
  const position = await posted(driveOf(key, drive));
  const line = await Line.open(key);
  line.say(`RESUME ${JSON.stringify({ [drive]: "not-a-position" })}`);
  const resumed = await line.hears("RESUMED");
  assert.equal(resumed[drive].recovered, false);
  assert.equal(resumed[drive].position, position, "and from where to go on");
  line.close();

  const other = await Line.open(stranger);
  other.say(`RESUME ${JSON.stringify({ [drive]: position })}`);
  assert.deepEqual((await other.hears("RESUMED"))[drive], { recovered: false, position: null });
  other.close();
});

test("nothing is missed or doubled by whoever resumes while others write", async () => {
  const key = newKey();
  const [drive, article] = [subjectOf(), subjectOf()];
  await posted(driveOf(key, drive));
  const start = await posted(articleOf(key, article, drive));
  const commits = Array.from({ length: 100 }, (_, number) =>
    signed(key, article, { push: { [P("tags")]: [`${origin}/tags/${number}`] } }));
  const writer = await Line.open();
  for (const commit of commits) writer.say(`COMMIT ${JSON.stringify(commit)}`);
  const reader = await Line.open(key);
  reader.say(`RESUME ${JSON.stringify({ [article]: start })}`);
  assert.equal((await reader.hears("RESUMED"))[article].recovered, true);
  const heard = [];
  for (const _ of commits) heard.push((await reader.hears("COMMIT"))[P("signature")]);
  assert.deepEqual(heard, commits.map((commit) => commit[P("signature")]));
  const left = (await reader.rest()).filter((frame) => frame.startsWith("COMMIT "));
  assert.deepEqual(left, [], "none came twice");
  writer.close();
  reader.close();
});
