// What one agent does with documents, by an unmodified @tomic/lib; read back by plain HTTP.
import assert from "node:assert/strict";
import test from "node:test";
import { Agent, ErrorType } from "@tomic/lib";
import { enter, make, newAgent, newArticle, newDrive, origin, request, root, stored } from "./house.mjs";
import { C, P } from "./terms.mjs";

test("a drive is made by an agent whom nobody has seen before", async () => {
  const ann = await newAgent();
  const drive = await newDrive(await enter(ann));
  const state = await stored(drive.subject, ann);
  assert.deepEqual(state[P("isA")], [C("Drive")]);
  assert.deepEqual(state[P("write")], [ann.subject]);
  assert.equal(state[P("lastCommit")], drive.get(P("lastCommit")));
  assert.ok(state[P("lastCommit")].startsWith(`${origin}/commits/`));
});

test("an agent is restored from its secret, and its public key stands on the server", async () => {
  const ann = await newAgent();
  await newDrive(await enter(ann));
  const again = Agent.fromSecret(ann.buildSecret());
  assert.equal(again.subject, ann.subject);
  await again.verifyPublicKeyWithServer();
});

test("the agent of the house may write to the root drive", async () => {
  const store = await enter(root);
  const drive = await store.fetchResourceFromServer(origin);
  assert.deepEqual([drive.error, drive.getClasses()], [undefined, [C("Drive")]]);
  assert.deepEqual(await drive.canWrite(root.subject), [true, undefined]);
  const article = await newArticle(store, { subject: origin });
  assert.equal((await stored(article.subject))[P("name")], "An article", "what is below the root drive is public");
});

test("create, edit, push, remove, destroy", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const drive = await newDrive(store);
  const article = await newArticle(store, drive, { [P("tags")]: [] });
  const { subject } = article;
  assert.deepEqual((await stored(subject, ann))[P("tags")], [], "an empty array is kept");

  await article.set(P("name"), "Café \"q\" \\ / tab\t nl\n 😀 €");
  await article.save();
  assert.equal((await stored(subject, ann))[P("name")], "Café \"q\" \\ / tab\t nl\n 😀 €");

  article.push(P("tags"), [`${origin}/tags/a`, `${origin}/tags/b`]);
  await article.save();
  article.push(P("tags"), [`${origin}/tags/a`]);
  await article.save();
  const tags = ["a", "b", "a"].map((name) => `${origin}/tags/${name}`);
  assert.deepEqual((await stored(subject, ann))[P("tags")], tags, "in order, and without removing duplicates");

  article.remove(P("tags"));
  await article.save();
  const state = await stored(subject, ann);
  assert.ok(!(P("tags") in state));
  assert.equal(state[P("lastCommit")], article.get(P("lastCommit")));

  await article.destroy();
  const answer = await request(subject, { agent: ann });
  assert.equal(answer.status, 404);
  assert.match(answer.body[P("description")], /^Resource not found\. /);
});

test("every datatype makes the round trip", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const drive = await newDrive(store);
  const values = {
    [P("isLocked")]: false,
    [P("max")]: -7,
    [P("maxFloat")]: 1e21,
    [P("minFloat")]: 0.1,
    [P("createdAt")]: 1_700_000_000_001,
    [P("shortname")]: "a-slug-1",
    [P("replyTo")]: drive.subject,
    [P("attachments")]: [drive.subject, "https://elsewhere.example/x"],
    "https://vocabulary.example/unknown": "a property that nobody knows",
    "https://vocabulary.example/nested": { [P("name")]: "an object without @id" },
  };
  const article = await store.newResource({ isA: C("Article"), parent: drive.subject });
  await article.set(P("name"), "All of them");
  await article.set(P("description"), "");
  for (const [property, value] of Object.entries(values)) {
    await article.set(property, value, property.startsWith("https://atomicdata.dev/"));
  }
  await article.save();
  const state = await stored(article.subject, ann);
  for (const [property, value] of Object.entries(values)) assert.deepEqual(state[property], value, property);

  const elsewhere = await (await enter(ann)).getResource(article.subject);
  assert.equal(elsewhere.error, undefined);
  for (const [property, value] of Object.entries(values)) assert.deepEqual(elsewhere.get(property), value, property);
});

test("children wait for their unsaved parent, and are saved with it", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const drive = await newDrive(store);
  const about = { [P("name")]: "x", [P("description")]: "x" };
  const parent = await store.newResource({ isA: C("Article"), parent: drive.subject, propVals: about });
  const child = await store.newResource({ isA: C("Article"), parent: parent.subject, propVals: about });
  await child.save();
  assert.equal((await request(child.subject, { agent: ann })).status, 404);
  await parent.save();
  assert.equal((await stored(child.subject, ann))[P("parent")], parent.subject);
  assert.deepEqual(await store.getResourceAncestry(child), [
    child.subject, parent.subject, drive.subject, undefined,
  ]);
  assert.deepEqual(await child.canWrite(ann.subject), [true, undefined], "the client finds the right along the parents");
});

test("a free subject is found, a taken one is told", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const drive = await newDrive(store);
  const part = drive.subject.slice(origin.length + 1);
  const free = await store.buildUniqueSubjectFromParts([part, "My Notes"]);
  assert.equal(free, `${drive.subject}/my-notes`);
  await make(store, { subject: free, isA: C("Article"), parent: drive.subject, propVals: { [P("name")]: "1", [P("description")]: "1" } });
  assert.equal(await store.checkSubjectTaken(free), true);
  assert.notEqual(await store.buildUniqueSubjectFromParts([part, "My Notes"]), free);
});

test("a destroyed subject may be created again", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const drive = await newDrive(store);
  const first = await newArticle(store, drive);
  await first.destroy();
  const propVals = { [P("name")]: "again", [P("description")]: "again" };
  await make(store, { subject: first.subject, isA: C("Article"), parent: drive.subject, propVals });
  assert.equal((await stored(first.subject, ann))[P("name")], "again");
});

test("the client understands what is missing, and what is forbidden, over both ways", async () => {
  const ann = await newAgent();
  const drive = await newDrive(await enter(ann));
  const bob = await enter(await newAgent());
  const nobody = await enter();
  for (const store of [bob, nobody]) {
    for (const noWebSocket of [false, true]) {
      const missing = await store.fetchResourceFromServer(`${origin}/no/such/thing`, { noWebSocket });
      assert.match(missing.error?.message ?? "", /^Resource not found\. /);
      assert.equal(missing.isUnauthorized(), false);
      if (noWebSocket) assert.equal(missing.error.type, ErrorType.NotFound);

      const forbidden = await store.fetchResourceFromServer(drive.subject, { noWebSocket });
      assert.equal(forbidden.isUnauthorized(), true, forbidden.error?.message);
      assert.match(forbidden.error.message, /^Unauthorized\. /);
      assert.equal(forbidden.get(P("write")), undefined, "an error tells nothing of what it hides");
    }
  }
  assert.match(nobody.resources.get(drive.subject).error.message, /not publicly readable\. Try signing in/);
  assert.deepEqual([bob.errors, nobody.errors], [[], []], "a refused GET is no ERROR");
});

test("a refused edit stays with its author, who may correct it", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const article = await newArticle(store, await newDrive(store));
  await article.set(P("name"), 5, false);
  await assert.rejects(article.save(), (error) => {
    assert.match(error.message, /properties\/name|name/, "it names the property");
    assert.doesNotMatch(error.message, /previousCommit/, "the client would drop the edit");
    return true;
  });
  assert.equal(article.hasUnsavedChanges(), true);
  await article.set(P("name"), "five");
  await article.save();
  assert.equal((await stored(article.subject, ann))[P("name")], "five");
});

test("a class requires its properties", async () => {
  const store = await enter(await newAgent());
  const drive = await newDrive(store);
  const article = await store.newResource({ isA: C("Article"), parent: drive.subject });
  await assert.rejects(article.save(), /description.*missing|Is required in class/i);
});

test("edits made against an old state are merged, property by property", async () => {
  const ann = await newAgent();
  const [desk, phone] = [await enter(ann), await enter(ann)];
  const article = await newArticle(desk, await newDrive(desk));
  const { resource: copy } = await phone.client.fetchResourceHTTP(article.subject, {
    signInfo: { agent: ann, serverURL: origin },
  });
  phone.addResources(copy);
  await article.set(P("name"), "from the desk");
  await article.save();
  await copy.set(P("description"), "from the phone");
  assert.notEqual(copy.get(P("lastCommit")), article.get(P("lastCommit")), "the phone's copy is stale");
  await copy.save();
  const state = await stored(article.subject, ann);
  assert.deepEqual([state[P("name")], state[P("description")]], ["from the desk", "from the phone"]);
});

test("edits in quick succession are all sent, in order", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const article = await newArticle(store, await newDrive(store), { [P("tags")]: [] });
  const saves = [];
  for (let number = 0; number < 5; number++) {
    article.push(P("tags"), [`${origin}/tags/${number}`]);
    saves.push(article.save());
  }
  await Promise.all(saves);
  if (article.hasUnsavedChanges()) await article.save();
  const tags = [0, 1, 2, 3, 4].map((number) => `${origin}/tags/${number}`);
  assert.deepEqual((await stored(article.subject, ann))[P("tags")], tags);
});
