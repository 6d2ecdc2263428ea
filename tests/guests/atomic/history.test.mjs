// Every version of a resource, as the client rebuilds it and as the server does.
import assert from "node:assert/strict";
import test from "node:test";
import { enter, newAgent, newArticle, newDrive, origin, request, stored } from "./house.mjs";
import { C, P } from "./terms.mjs";

async function threeVersions() {
  const ann = await newAgent();
  const store = await enter(ann);
  const article = await newArticle(store, await newDrive(store), { [P("tags")]: [`${origin}/tags/a`] });
  const ids = [article.get(P("lastCommit"))];
  await article.set(P("name"), "second");
  article.push(P("tags"), [`${origin}/tags/b`]);
  ids.push(await article.save());
  article.remove(P("tags"));
  await article.set(P("name"), "third");
  ids.push(await article.save());
  return { ann, store, article, ids };
}

test("the client reads the history, oldest first, and rebuilds each version", async () => {
  const { ann, article, ids } = await threeVersions();
  const late = await enter(ann);
  const versions = await (await late.getResource(article.subject)).getHistory();
  assert.deepEqual(versions.map(({ commit }) => commit.id), ids);
  assert.deepEqual(versions.map(({ commit }) => commit.signer), [ann.subject, ann.subject, ann.subject]);
  assert.deepEqual(versions.map(({ resource }) => resource.get(P("name"))), ["An article", "second", "third"]);
  const tags = versions.map(({ resource }) => resource.get(P("tags"))?.length);
  assert.deepEqual(tags, [1, 2, undefined]);
});

test("an old version is restored by the client", async () => {
  const { ann, store, article } = await threeVersions();
  const [, second] = await article.getHistory();
  await article.setVersion(second);
  const state = await stored(article.subject, ann);
  assert.deepEqual([state[P("name")], state[P("tags")].length], ["second", 2]);
  assert.deepEqual(store.errors, []);
});

test("the server rebuilds a version too", async () => {
  const { ann, article, ids } = await threeVersions();
  const url = `${origin}/version?commit=${encodeURIComponent(ids[1])}`;
  const { status, body, text } = await request(url, { agent: ann });
  assert.equal(status, 200, text);
  assert.deepEqual([body["@id"], body[P("name")], body[P("tags")].length], [url, "second", 2]);
  assert.equal((await request(url)).status, 401);

  const all = `${origin}/all-versions?subject=${encodeURIComponent(article.subject)}`;
  const list = await request(all, { agent: ann });
  assert.equal(list.body[P("collection/totalMembers")], 3, list.text);
});

test("commits are resources, readable by those who may read what they change", async () => {
  const { ann, article, ids } = await threeVersions();
  const bob = await newAgent();
  for (const id of ids) {
    const commit = await stored(id, ann);
    assert.deepEqual(commit[P("isA")], [C("Commit")]);
    assert.equal(commit[P("subject")], article.subject);
    assert.equal(`${origin}/commits/${commit[P("signature")]}`, id);
    assert.equal((await request(id, { agent: bob })).status, 401);
  }
});

test("the history of what one may not read is not told", async () => {
  const { article } = await threeVersions();
  const bob = await newAgent();
  const url = article.getCommitsCollectionSubject();
  const { status, text } = await request(url, { agent: bob });
  assert.ok(status === 401 || JSON.parse(text)[P("collection/totalMembers")] === 0, `${status} ${text}`);
  assert.ok(!text.includes("second"));
});
