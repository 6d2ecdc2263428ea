// Versia 0.5, as the published SDK 0.2.1 speaks it: a strict reader who signs as it does.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Server, check, group, host, house, order } from "./server.mjs";
import { early as strict } from "./strict.mjs";

const bob = await Server.open("early");
after(() => bob.close());

const metadata = (await bob.get(`${house}/.well-known/versia`, {})).json;
const finger = async (name) => {
  const answer = await fetch(`${house}/.well-known/webfinger?${new URLSearchParams({ resource: `acct:${name}@${host}` })}`);
  return (await answer.json()).links.find((link) => link.rel === "self" && link.type === "application/json").href;
};
const alice = await finger("alice");
const profile = await bob.get(alice);
const key = profile.json.public_key.key;

test("what the house says of itself is taken, but for the list of versions", () => {
  const { versions, ...rest } = metadata;
  assert.ok(versions.includes("0.6.0"), "readers of 0.6 find it by this");
  strict.InstanceMetadata(rest, "metadata");
});

test("alice is found by name in any case, and what she is is taken and verified", async () => {
  assert.equal(await finger("ALICE"), alice);
  strict.User(profile.json, "User");
  assert.equal(check(profile.headers, key, "GET", alice, profile.body), alice);
});

test("whoever signs without saying its name reads what everybody may", async () => {
  const { "versia-signed-by": _, ...nameless } = bob.sign("GET", alice, "", "1766221200.641");
  strict.User((await bob.get(alice, nameless)).json, "User");
});

test("collections are walked, taken and verified", async () => {
  const { collections } = profile.json;
  const notes = await bob.get(`${collections.outbox}?page=1`);
  strict.collection(strict.Note)(notes.json, "outbox");
  assert.equal(check(notes.headers, key, "GET", collections.outbox, notes.body), alice);
  const note = notes.json.items.at(-1);
  strict.Note((await bob.get(note.uri)).json, "Note");
  for (const url of [collections.followers, collections.following, note.collections.replies, note.collections.quotes]) {
    strict.collection(strict.point)((await bob.get(url)).json, url);
  }
});

test("a federated room is a group that the house signs", async () => {
  const { json, headers, body } = await bob.get(group);
  strict.Group(json, "Group");
  assert.equal(check(headers, metadata.public_key.key, "GET", group, body), `instance ${host}`);
  for (const url of [json.members, json.notes]) strict.collection(strict.point)((await bob.get(url)).json, url);
});

test("a follow at a fraction of a second is accepted, and undone", async () => {
  const inbox = profile.json.inbox;
  const follow = bob.entity("Follow", { author: bob.bob, followee: alice });
  await bob.post(inbox, follow, (Math.floor(Date.now() / 1000) + 0.123).toFixed(3));
  const accept = await bob.next("FollowAccept");
  strict.FollowAccept(accept.json, "FollowAccept");
  assert.equal(check(accept.headers, key, "POST", accept.url, accept.body), alice);
  assert.equal(accept.headers.get("accept"), "application/json");
  await bob.post(inbox, bob.entity("Unfollow", { author: bob.bob, followee: alice }));
  assert.equal((await bob.get(profile.json.collections.followers)).json.total, 0);
});

test("what bob says of a note is in its lists, by name", async () => {
  const note = (await bob.get(profile.json.collections.outbox)).json.items.at(-1);
  const lists = { replies: `${bob.origin}/x/replies`, quotes: `${bob.origin}/x/quotes` };
  const content = { "text/html": { content: "<p>hey</p>", remote: false } };
  const reply = bob.entity("Note", { author: bob.bob, content, group: "public", replies_to: note.uri, collections: lists }, "n1");
  await bob.post(metadata.shared_inbox, reply);
  assert.deepEqual((await bob.get(note.collections.replies)).json.items, [reply.uri]);
  const like = bob.entity("pub.versia:likes/Like", { author: bob.bob, liked: note.uri }, "l1");
  await bob.post(metadata.shared_inbox, like);
  assert.deepEqual((await bob.get(`${note.uri}/likes`)).json.items, [like.uri]);
  await bob.post(metadata.shared_inbox, bob.entity("Delete", { author: bob.bob, deleted_type: like.type, deleted: like.uri }));
  assert.equal((await bob.get(`${note.uri}/likes`)).json.total, 0);
});

test("what alice says and does is taken", async () => {
  const { id } = await order("POST", "/notes?as=alice", { content: `<b>hello</b>\r\n@bob@${bob.host}` });
  const told = async (type, shape) => {
    const post = await bob.next(type);
    shape(post.json, type);
    assert.equal(check(post.headers, key, "POST", post.url, post.body), alice);
    return post.json;
  };
  assert.deepEqual((await told("Note", strict.Note)).mentions, [bob.bob]);
  await order("DELETE", `/notes/${id}?as=alice`);
  await told("Delete", strict.Delete);
  await order("POST", "/follows?as=alice", { whom: bob.bob });
  await told("Follow", strict.Follow);
  await order("DELETE", `/follows/${encodeURIComponent(bob.bob)}?as=alice`);
  await told("Unfollow", strict.Unfollow);
});
