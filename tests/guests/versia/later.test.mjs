// Versia 0.6, as the main branch of its makers speaks it: a strict reader who signs as it does.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Server, check, group, host, house, order } from "./server.mjs";
import { later as strict } from "./strict.mjs";

const [bob, old] = [await Server.open("later"), await Server.open("early")];
after(() => [bob, old].forEach((server) => server.close()));

const entities = `${house}/.versia/v0.6/entities`;
const inbox = `${house}/.versia/v0.6/inbox`;
const metadata = (await bob.get(`${house}/.versia/v0.6/instance`, {})).json;
const number = (await (await fetch(`${house}/.well-known/webfinger?resource=acct:alice@${host}`)).json()).links
  .find((link) => link.rel === "self" && link.type === "application/vnd.versia+json")
  .href.split("/").at(-1);
const alice = `${host}:${number}`;

/** What stands at a path, with its signature checked: by the path as it was asked for, however it is spelled. */
async function read(path, shape) {
  const answer = await bob.get(`${entities}/${path}`);
  shape(answer.json, path);
  assert.equal(check(answer.headers, metadata.public_key.key, "GET", `${entities}/${path}`, answer.body), host);
  return answer.json;
}

/** A collection, read on until all that were counted are there, as the makers' own program does without end. */
async function all(path) {
  const items = [];
  for (;;) {
    const page = await read(`${path}?offset=${items.length}`, strict.collection(strict.point));
    items.push(...page.items);
    if (items.length >= page.total) return items;
    assert.ok(page.items.length > 0, `${path} counts ${page.total} and has ${items.length}`);
  }
}

test("what the house says of itself is taken", () => strict.InstanceMetadata(metadata, "metadata"));

test("alice and her notes are taken, by types of either spelling", async () => {
  for (const type of ["User", "pub.versia%3Ausers%2FUser", "pub.versia:users/User"]) await read(`${type}/${number}`, strict.User);
  const outbox = await read(`User/${number}/collections/outbox`, strict.collection(strict.Note));
  await read(`Note/${outbox.items.at(-1).id}`, strict.Note);
  for (const list of ["followers", "following"]) await all(`User/${number}/collections/${list}`);
  const room = `pub.versia%3Agroups%2FGroup/${group.split("/").at(-1)}`;
  await read(room, strict.Group);
  await all(`${room}/collections/members`);
});

test("a follow is accepted, and lists have only what has a name in 0.6", async () => {
  await bob.post(inbox, bob.entity("Follow", { author: bob.bob, followee: alice }));
  const accept = await bob.next("FollowAccept");
  strict.FollowAccept(accept.json, "FollowAccept");
  assert.equal(check(accept.headers, metadata.public_key.key, "POST", accept.url, accept.body), host);
  const uri = `${house}/users/${number}`;
  await old.post(`${house}/inbox`, old.entity("Follow", { author: old.bob, followee: uri }));
  await old.next("FollowAccept");
  assert.deepEqual(await all(`User/${number}/collections/followers`), [bob.bob]);
});

test("answers and likes of both versions are in the lists of each", async () => {
  const { items } = await read(`User/${number}/collections/outbox`, strict.collection(strict.Note));
  const note = items.at(-1).id;
  const rest = { attachments: [], is_sensitive: false, mentions: [], previews: [], group: "public" };
  await bob.post(inbox, bob.entity("Note", { author: bob.bob, replies_to: `${host}:${note}`, ...rest }, "n1"));
  await bob.post(inbox, bob.entity("pub.versia:likes/Like", { author: bob.bob, liked: `${host}:${note}` }, "l1"));
  const [uri, collections] = [`${house}/notes/${note}`, { replies: `${old.origin}/r`, quotes: `${old.origin}/q` }];
  await old.post(`${house}/inbox`, old.entity("Note", { author: old.bob, replies_to: uri, group: "public", collections }, "n1"));
  await old.post(`${house}/inbox`, old.entity("pub.versia:likes/Like", { author: old.bob, liked: uri }, "l1"));
  assert.deepEqual(await all(`Note/${note}/collections/replies`), [`${bob.host}:n1`]);
  assert.deepEqual(await all(`Note/${note}/collections/pub.versia%3Alikes%2FLikes`), [`${bob.host}:l1`]);
});

test("what alice says and does is taken", async () => {
  const { id } = await order("POST", "/notes?as=alice", { content: `hello @bob@${bob.host}` });
  const told = async (type, shape) => {
    const post = await bob.next(type);
    shape(post.json, type);
    assert.equal(post.headers.get("accept"), "application/vnd.versia+json");
    assert.equal(check(post.headers, metadata.public_key.key, "POST", post.url, post.body), host);
  };
  await told("Note", strict.Note);
  await order("DELETE", `/notes/${id}?as=alice`);
  await told("Delete", strict.Delete);
});
