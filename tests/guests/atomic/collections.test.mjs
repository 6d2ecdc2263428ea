// Collections: queries with pages and an order, by the client's builder.
import assert from "node:assert/strict";
import test from "node:test";
import { CollectionBuilder } from "@tomic/lib";
import { enter, newAgent, newArticle, newDrive, origin, request } from "./house.mjs";
import { C, P } from "./terms.mjs";

/** A drive with five articles, made in the order of `names`. */
async function shelf() {
  const agent = await newAgent();
  const store = await enter(agent);
  const drive = await newDrive(store);
  const names = ["delta", "alpha", "echo", "charlie", "bravo"];
  const articles = {};
  for (const [index, name] of names.entries()) {
    articles[name] = (await newArticle(store, drive, { [P("name")]: name, [P("max")]: [10, 9, 100, -1, 2][index] })).subject;
  }
  const builder = (reader = store) => new CollectionBuilder(reader, origin).setProperty(P("parent")).setValue(drive.subject);
  return { agent, store, drive, articles, builder };
}

const subjects = (articles, names) => names.map((name) => articles[name]);

test("sorted by text, both ways, page by page", async () => {
  const { articles, builder } = await shelf();
  const sorted = await builder().setSortBy(P("name")).setPageSize(2).buildAndFetch();
  assert.deepEqual([sorted.totalMembers, sorted.totalPages], [5, 3]);
  assert.deepEqual(await sorted.getMembersOnPage(0), subjects(articles, ["alpha", "bravo"]));
  assert.deepEqual(await sorted.getMembersOnPage(2), subjects(articles, ["echo"]));
  assert.equal(await sorted.getMemberWithIndex(3), articles.delta);
  assert.deepEqual(await sorted.getAllMembers(), subjects(articles, ["alpha", "bravo", "charlie", "delta", "echo"]));
  const backwards = await builder().setSortBy(P("name")).setSortDesc(true).buildAndFetch();
  assert.deepEqual(await backwards.getAllMembers(), subjects(articles, ["echo", "delta", "charlie", "bravo", "alpha"]));
});

test("numbers are sorted as numbers", async () => {
  const { articles, builder } = await shelf();
  const sorted = await builder().setSortBy(P("max")).buildAndFetch();
  assert.deepEqual(await sorted.getAllMembers(), subjects(articles, ["charlie", "bravo", "alpha", "delta", "echo"]));
});

test("a collection is as new as its last fetch", async () => {
  const { store, drive, builder } = await shelf();
  const collection = await builder().buildAndFetch();
  assert.equal(collection.totalMembers, 5);
  await newArticle(store, drive);
  await collection.refresh();
  assert.equal(collection.totalMembers, 6);
  assert.equal((await drive.getChildrenCollection()).totalMembers, 6);
});

test("arrays match by their items, and only the readable are counted", async () => {
  const { agent, articles, builder } = await shelf();
  const articlesOnly = new CollectionBuilder(await enter(agent), origin).setProperty(P("isA")).setValue(C("Article"));
  const all = await articlesOnly.setPageSize(1000).buildAndFetch();
  const members = await all.getAllMembers();
  for (const subject of Object.values(articles)) assert.ok(members.includes(subject));
  const foreign = await builder(await enter(await newAgent())).buildAndFetch();
  assert.deepEqual([foreign.totalMembers, await foreign.getAllMembers()], [0, []]);
});

test("the answer has what clients count on", async () => {
  const { agent, drive } = await shelf();
  const query = new URLSearchParams({ property: P("parent"), value: drive.subject, page_size: "2", current_page: "1" });
  const url = `${origin}/query?${query}`;
  const { status, body, text } = await request(url, { agent });
  assert.equal(status, 200, text);
  assert.deepEqual([body["@id"], body[P("isA")]], [url, [C("Collection")]]);
  assert.deepEqual(
    ["totalMembers", "totalPages", "currentPage", "pageSize", "property", "value"].map((name) => body[P(`collection/${name}`)]),
    [5, 3, 1, 2, P("parent"), drive.subject],
  );
  assert.equal(body[P("collection/members")].length, 2);
  const unknown = await request(`${origin}/query?property=${encodeURIComponent(P("parent"))}&colour=red`, { agent });
  assert.equal(unknown.status, 400, unknown.text);
  assert.match(unknown.body[P("description")], /Invalid query param: colour/);
});

test("the collections of a fresh server", async () => {
  const store = await enter(await newAgent());
  const { client } = store;
  for (const name of ["classes", "properties", "agents", "drives", "chatrooms"]) {
    const { resource } = await client.fetchResourceHTTP(`${origin}/${name}`);
    assert.equal(resource.error, undefined, `${name}: ${resource.error?.message}`);
    assert.equal(typeof resource.get(P("collection/totalMembers")), "number", name);
  }
  const endpoint = await store.fetchResourceFromServer(`${origin}/query`);
  assert.deepEqual(endpoint.getClasses(), [C("Endpoint")]);
});
