// Several clients on one document: what one saves, the others hear.
import assert from "node:assert/strict";
import test from "node:test";
import { commitsHeard, enter, newAgent, newArticle, newDrive, origin, request, settled } from "./house.mjs";
import { P, everybody } from "./terms.mjs";
import { gone, until } from "./waiting.mjs";

/** Ann and Bob, who both may write to an article, and both have it on their screens. */
async function twoAtOneArticle() {
  const [annAgent, bobAgent] = [await newAgent(), await newAgent()];
  const both = [annAgent.subject, bobAgent.subject];
  const [ann, bob] = [await enter(annAgent), await enter(bobAgent)];
  const drive = await newDrive(ann, { [P("read")]: both, [P("write")]: both });
  const atAnn = await newArticle(ann, drive, { [P("tags")]: [] });
  const atBob = await bob.getResource(atAnn.subject);
  await Promise.all([settled(ann), settled(bob)]);
  return { ann, bob, atAnn, atBob, drive, subject: atAnn.subject };
}

test("two clients edit one resource, and both see both", async () => {
  const { ann, bob, atAnn, atBob, subject } = await twoAtOneArticle();
  await atAnn.set(P("name"), "by ann");
  await atAnn.save();
  await until(bob, subject, (seen) => seen.get(P("name")) === "by ann", "Ann's name at Bob");

  await atBob.set(P("description"), "by bob");
  await atBob.save();
  await until(ann, subject, (seen) => seen.get(P("description")) === "by bob", "Bob's description at Ann");

  const known = bob.resources.get(subject);
  known.remove(P("name"));
  await known.set(P("name"), "by bob, too");
  await known.save();
  await until(ann, subject, (seen) => seen.get(P("name")) === "by bob, too", "Bob's name at Ann");
  for (const store of [ann, bob]) {
    const seen = store.resources.get(subject);
    assert.deepEqual([seen.get(P("name")), seen.get(P("description"))], ["by bob, too", "by bob"]);
    assert.deepEqual(store.errors, []);
  }
});

test("pushes are heard once, by their author too", async () => {
  const { ann, bob, atAnn, subject } = await twoAtOneArticle();
  for (const name of ["a", "b"]) {
    atAnn.push(P("tags"), [`${origin}/tags/${name}`]);
    await atAnn.save();
  }
  const tags = [`${origin}/tags/a`, `${origin}/tags/b`];
  await until(bob, subject, (seen) => seen.getArray(P("tags")).length === 2, "two tags at Bob");
  await settled(ann);
  for (const store of [ann, bob]) {
    assert.deepEqual(store.resources.get(subject).get(P("tags")), tags);
    assert.equal(commitsHeard(store, subject).filter((commit) => commit[P("push")]).length, 2, "one COMMIT for each push");
  }
});

test("a removed property and a destroyed resource are heard", async () => {
  const { bob, atAnn, subject } = await twoAtOneArticle();
  atAnn.remove(P("tags"));
  await atAnn.save();
  await until(bob, subject, (seen) => seen.get(P("tags")) === undefined, "the tags gone at Bob");
  await atAnn.destroy();
  await gone(bob, subject);
});

test("COMMITs of one resource come in order, and each as it was answered", async () => {
  const { bob, atAnn, subject } = await twoAtOneArticle();
  const ids = [];
  for (let number = 0; number < 20; number++) {
    await atAnn.set(P("name"), `version ${number}`, false);
    ids.push(await atAnn.save());
  }
  await until(bob, subject, (seen) => seen.get(P("name")) === "version 19", "the last version at Bob");
  assert.deepEqual(commitsHeard(bob, subject).map((commit) => commit["@id"]), ids);
  assert.equal(bob.resources.get(subject).get(P("lastCommit")), ids.at(-1));
});

test("who subscribes to what does not exist yet hears of it when it does", async () => {
  const { ann, bob, drive } = await twoAtOneArticle();
  const subject = ann.createSubject();
  const heard = until(bob, subject, (seen) => seen.get(P("name")) === "late", "the new resource at Bob");
  await settled(bob);
  const about = { [P("name")]: "late", [P("description")]: "late", [P("parent")]: drive.subject };
  const late = await ann.newResource({ subject, parent: drive.subject, propVals: about });
  await late.save();
  await heard;
});

test("who has unsubscribed hears nothing more", async () => {
  const { bob, atAnn, drive, ann, subject } = await twoAtOneArticle();
  const other = await newArticle(ann, drive);
  await bob.getResource(other.subject);
  bob.unSubscribeWebSocket(subject);
  await settled(bob);
  await atAnn.set(P("name"), "unheard");
  await atAnn.save();
  await other.set(P("name"), "heard");
  await other.save();
  await until(bob, other.subject, (seen) => seen.get(P("name")) === "heard", "the other article at Bob");
  await settled(bob);
  assert.deepEqual(commitsHeard(bob, subject), []);
  assert.deepEqual(bob.errors, [], "neither SUBSCRIBE nor UNSUBSCRIBE is an error");
});

test("who logs in on an open socket gets what was forbidden before, and hears it", async () => {
  const { atAnn, bob, subject } = await twoAtOneArticle();
  const late = await enter();
  const before = await late.getResource(subject);
  assert.equal(before.isUnauthorized(), true, "nobody may read it yet");
  await settled(late);
  late.setAgent(bob.getAgent());
  await until(late, subject, (seen) => !seen.error && seen.get(P("name")) === "An article", "the article, after login");
  await settled(late);
  await atAnn.set(P("name"), "live after login");
  await atAnn.save();
  await until(late, subject, (seen) => seen.get(P("name")) === "live after login", "the edit, by the old subscription");
});

test("everybody hears what is public", async () => {
  const ann = await enter(await newAgent());
  const drive = await newDrive(ann, { [P("read")]: [everybody] });
  const nobody = await enter();
  await nobody.getResource(drive.subject);
  await settled(nobody);
  await drive.set(P("name"), "for all");
  await drive.save();
  await until(nobody, drive.subject, (seen) => seen.get(P("name")) === "for all", "the name at somebody without agent");
  assert.equal((await request(drive.subject)).status, 200);
});
