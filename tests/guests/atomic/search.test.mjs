// Full text search, by the client's own words for it.
import assert from "node:assert/strict";
import test from "node:test";
import { enter, newAgent, newArticle, newDrive, request } from "./house.mjs";
import { C, P, everybody } from "./terms.mjs";

/** A word that no other test has. */
const word = () => `w${Math.random().toString(36).slice(2, 12)}`;

test("words are found in names and descriptions, at once, by those who may read", async () => {
  const [annAgent, bobAgent] = [await newAgent(), await newAgent()];
  const [ann, bob] = [await enter(annAgent), await enter(bobAgent)];
  const [secret, shared] = [await newDrive(ann), await newDrive(ann, { [P("read")]: [everybody] })];
  const needle = word();
  const hidden = await newArticle(ann, secret, { [P("name")]: `The ${needle} of Ann` });
  const open = await newArticle(ann, shared, { [P("description")]: `All about ${needle}.` });
  assert.deepEqual((await ann.search(needle)).sort(), [hidden.subject, open.subject].sort());
  assert.deepEqual(await bob.search(needle), [open.subject]);
  assert.deepEqual(await (await enter()).search(needle), [open.subject]);
  assert.deepEqual(await ann.search(word()), []);
});

test("what was edited is found by its new words, what was destroyed by none", async () => {
  const store = await enter(await newAgent());
  const [before, after] = [word(), word()];
  const article = await newArticle(store, await newDrive(store), { [P("name")]: before });
  await article.set(P("name"), after);
  await article.save();
  assert.deepEqual([await store.search(before), await store.search(after)], [[], [article.subject]]);
  await article.destroy();
  assert.deepEqual(await store.search(after, { limit: 31 }), []);
});

test("a search is narrowed by parents, by properties, and by a limit", async () => {
  const store = await enter(await newAgent());
  const needle = word();
  const drives = [await newDrive(store), await newDrive(store)];
  const articles = [];
  for (const drive of drives) {
    for (const mimetype of ["text/plain", "text/html"]) {
      articles.push(await newArticle(store, drive, { [P("name")]: needle, [P("mimetype")]: mimetype }));
    }
  }
  const below = await newArticle(store, articles[0], { [P("name")]: needle });
  const subjects = articles.map((article) => article.subject);
  const found = async (options) => (await store.search(needle, options)).sort();
  assert.deepEqual(await found({ parents: drives[1].subject }), subjects.slice(2).sort());
  assert.deepEqual(await found({ parents: drives.map((drive) => drive.subject) }), [...subjects, below.subject].sort());
  assert.deepEqual(await found({ filters: { [P("mimetype")]: "text/html" } }), [subjects[1], subjects[3]].sort());
  const both = { [P("mimetype")]: "text/html", [P("isA")]: C("Article") };
  assert.deepEqual(await found({ filters: both, parents: drives[0].subject }), [subjects[1]]);
  assert.equal((await found({ limit: 2 })).length, 2);
});

test("whole resources come along when they are asked for", async () => {
  const ann = await newAgent();
  const store = await enter(ann);
  const needle = word();
  const article = await newArticle(store, await newDrive(store), { [P("name")]: needle });
  const late = await enter(ann);
  assert.deepEqual(await late.search(needle, { include: true }), [article.subject]);
  assert.equal(late.resources.get(article.subject)?.get(P("name")), needle, "it needs no second question");
});

test("odd queries are answered, not broken", async () => {
  const store = await enter(await newAgent());
  for (const query of ["\"", "a AND", "NEAR(", "*", "café 😀", "'; DROP TABLE documents; --", " "]) {
    assert.ok(Array.isArray(await store.search(query)), query);
    const url = `${store.getServerUrl()}/search?q=${encodeURIComponent(query)}&limit=30`;
    assert.equal((await request(url)).status, 200, query);
  }
});
