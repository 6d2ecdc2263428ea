// Rights by hierarchy: granted and revoked while others listen.
import assert from "node:assert/strict";
import test from "node:test";
import { commitsHeard, enter, make, newAgent, newArticle, newDrive, request, settled, stored } from "./house.mjs";
import { C, P, everybody } from "./terms.mjs";
import { until } from "./waiting.mjs";

/** Ann with her private drive and an article in it; and Bob, who may read a public notice of hers. */
async function annAndBob() {
  const [annAgent, bobAgent] = [await newAgent(), await newAgent()];
  const [ann, bob] = [await enter(annAgent), await enter(bobAgent)];
  const drive = await newDrive(ann);
  const article = await newArticle(ann, drive);
  const notice = await newDrive(ann, { [P("read")]: [everybody] });
  await bob.getResource(notice.subject);
  return { ann, bob, drive, article, notice, bobAgent, annAgent };
}

/** Shows that nothing came by what comes next: whatever Ann did before, Bob would have heard before this. */
async function noticed({ bob, notice }, text) {
  await notice.set(P("name"), text, false);
  await notice.save();
  await until(bob, notice.subject, (seen) => seen.get(P("name")) === text, `the notice "${text}" at Bob`);
  await settled(bob);
}

async function edit(resource, name) {
  await resource.set(P("name"), name, false);
  await resource.save();
}

test("a granted reader hears from then on, without subscribing again", async () => {
  const scene = await annAndBob();
  const { bob, article, drive, bobAgent } = scene;
  const hidden = await bob.getResource(article.subject);
  assert.equal(hidden.isUnauthorized(), true);
  await settled(bob);
  await edit(article, "unheard");
  await noticed(scene, "before the grant");
  assert.deepEqual(commitsHeard(bob, article.subject), []);

  drive.push(P("read"), [bobAgent.subject]);
  await drive.save();
  await edit(article, "heard");
  await until(bob, article.subject, (seen) => seen.get(P("name")) === "heard", "the first edit after the grant");
  // The library takes its copy, error and all, for the newest: it has the last COMMIT. Only a refresh gives it the whole.
  await bob.resources.get(article.subject).refresh();
  const fetched = bob.resources.get(article.subject);
  assert.deepEqual([fetched.error, fetched.get(P("description"))], [undefined, "About nothing."]);
});

test("a revoked reader hears nothing after the revoking commit", async () => {
  const scene = await annAndBob();
  const { bob, article, drive, bobAgent, annAgent } = scene;
  drive.push(P("read"), [bobAgent.subject]);
  await drive.save();
  await bob.getResource(article.subject);
  await settled(bob);
  await edit(article, "still heard");
  await until(bob, article.subject, (seen) => seen.get(P("name")) === "still heard", "an edit before the revocation");

  await drive.set(P("read"), [annAgent.subject]);
  await drive.save();
  for (const name of ["secret 1", "secret 2", "secret 3"]) await edit(article, name);
  await noticed(scene, "after the revocation");
  const names = commitsHeard(bob, article.subject).map((commit) => commit[P("set")][P("name")]);
  assert.deepEqual(names, ["still heard"]);
  assert.equal((await bob.fetchResourceFromServer(article.subject)).isUnauthorized(), true);
  const history = await request(`${article.subject}`, { agent: bobAgent });
  assert.equal(history.status, 401);
});

test("who is no longer below a readable parent is no longer heard there", async () => {
  const scene = await annAndBob();
  const { ann, bob, article, drive, bobAgent } = scene;
  const shared = await newDrive(ann, { [P("read")]: [bobAgent.subject, ann.getAgent().subject] });
  await article.set(P("parent"), shared.subject);
  await article.save();
  await bob.getResource(article.subject);
  await settled(bob);
  await edit(article, "shared");
  await until(bob, article.subject, (seen) => seen.get(P("name")) === "shared", "an edit in the shared drive");
  await article.set(P("parent"), drive.subject);
  await article.save();
  await edit(article, "taken back");
  await noticed(scene, "after the move");
  const heard = commitsHeard(bob, article.subject).map((commit) => commit[P("set")]);
  assert.ok(heard.every((set) => set[P("name")] !== "taken back"), JSON.stringify(heard));
});

test("a right to write is granted, used, and revoked", async () => {
  const { bob, article, drive, bobAgent, annAgent } = await annAndBob();
  const both = [annAgent.subject, bobAgent.subject];
  await drive.set(P("read"), both);
  await drive.save();
  const copy = await bob.getResource(article.subject);
  await copy.set(P("name"), "not yet");
  await assert.rejects(copy.save(), /^Error: Unauthorized\. .*write/s);

  await drive.set(P("write"), both);
  await drive.save();
  await copy.save();
  assert.equal((await stored(article.subject, bobAgent))[P("name")], "not yet", "the refused edit was kept, and is saved");

  await drive.set(P("write"), [annAgent.subject]);
  await drive.save();
  await copy.set(P("name"), "no more");
  await assert.rejects(copy.save(), /Unauthorized\. /);
  assert.equal((await stored(article.subject, bobAgent))[P("name")], "not yet");
});

test("the right to append lets make below, and change nothing", async () => {
  const { bob, article, drive, bobAgent } = await annAndBob();
  drive.push(P("append"), [bobAgent.subject]);
  drive.push(P("read"), [bobAgent.subject]);
  await drive.save();
  const own = await newArticle(bob, drive);
  assert.equal((await stored(own.subject, bobAgent))[P("parent")], drive.subject);
  const copy = await bob.getResource(article.subject);
  await copy.set(P("name"), "by bob");
  await assert.rejects(copy.save(), /Unauthorized\. /);
});

test("nobody gives rights to themselves", async () => {
  const { bob, drive, bobAgent } = await annAndBob();
  const mine = { [P("name")]: "x", [P("description")]: "x", [P("write")]: [bobAgent.subject], [P("read")]: [bobAgent.subject] };
  const below = await bob.newResource({ isA: C("Article"), parent: drive.subject, propVals: mine });
  await assert.rejects(below.save(), /Unauthorized\. /);
  assert.equal((await request(below.subject, { agent: bobAgent })).status, 404, "nothing was made");
  const orphan = await bob.newResource({ isA: C("Article"), noParent: true, propVals: mine });
  await assert.rejects(orphan.save(), /Parent of .* not found/);
});

test("a resource below a stranger's drive cannot be had by moving it there", async () => {
  const { bob, drive, bobAgent } = await annAndBob();
  const own = await newArticle(bob, await newDrive(bob));
  await own.set(P("parent"), drive.subject);
  await assert.rejects(own.save(), /Unauthorized\. /);
  assert.notEqual((await stored(own.subject, bobAgent))[P("parent")], drive.subject);
});

test("an agent may say of itself what it likes, and of others nothing", async () => {
  const { ann, bob, annAgent } = await annAndBob();
  const self = await ann.fetchResourceFromServer(annAgent.subject);
  assert.equal(self.error, undefined);
  await self.set(P("name"), "Ann of the test");
  await self.save();
  assert.equal((await stored(annAgent.subject))[P("name")], "Ann of the test", "agents are public");
  const other = await bob.fetchResourceFromServer(annAgent.subject);
  await other.set(P("name"), "Not Ann");
  await assert.rejects(other.save(), /Unauthorized\. /);
});

test("the client tells rights along the parents", async () => {
  const { article, annAgent, drive } = await annAndBob();
  const rights = await article.getRights();
  assert.deepEqual(rights, [
    { for: annAgent.subject, type: "write", setIn: drive.subject },
    { for: annAgent.subject, type: "read", setIn: drive.subject },
  ]);
  const open = await make(article.store, {
    isA: C("Article"),
    parent: drive.subject,
    propVals: { [P("name")]: "x", [P("description")]: "x", [P("write")]: [everybody] },
  });
  assert.deepEqual(await open.canWrite("https://nobody.example/agent"), [true, undefined]);
});
