// Chat rooms: as documents, and as the channels of the house, which other rooms see too.
import assert from "node:assert/strict";
import test from "node:test";
import { admin, call, general, newcomer, onConcord, onJac } from "./channel.mjs";
import { isGenuine } from "./commit.mjs";
import { commitsHeard, enter, make, newAgent, newDrive, origin, request, settled, stored } from "./house.mjs";
import { C, P } from "./terms.mjs";
import { gone, until } from "./waiting.mjs";

const roomUrl = (id) => `${origin}/room/${id}`;
const chatUrl = (chat) => `${roomUrl(chat.channelId)}/${chat.id}`;
const word = () => `w${Math.random().toString(36).slice(2, 12)}`;

/** Says something in a room by the library, as the data browser does. */
const say = (store, room, description) =>
  make(store, { isA: C("Message"), parent: room, propVals: { [P("description")]: description, [P("createdAt")]: Date.now() } });

/** An agent who is a user, since it has made something before it came. */
async function resident() {
  const agent = await newAgent();
  await newDrive(await enter(agent));
  return enter(agent);
}

/** Waits until a client has heard that a message stands in a room. */
const shown = (store, room, message) =>
  until(store, room, (seen) => seen.getSubjects(P("messages")).includes(message), `the message ${message}`);

test("a chat room of one's own: messages are heard, and read back in order", async () => {
  const [ann, bob] = [await enter(await newAgent()), await enter(await newAgent())];
  const both = [ann, bob].map((store) => store.getAgent().subject);
  const drive = await newDrive(ann, { [P("read")]: both, [P("write")]: both });
  const room = await make(ann, { isA: C("ChatRoom"), parent: drive.subject, propVals: { [P("name")]: "Our room" } });
  const made = room.get(P("lastCommit"));
  await bob.getResource(room.subject);
  await settled(bob);

  const messages = [await say(ann, room.subject, "first"), await say(bob, room.subject, "second")];
  for (const { subject } of messages) await shown(bob, room.subject, subject);
  const heard = await bob.getResource(messages[0].subject);
  assert.equal(heard.get(P("description")), "first");
  const state = await stored(room.subject, bob.getAgent());
  assert.deepEqual(state[P("messages")].map((message) => message[P("description")]), ["first", "second"]);
  assert.equal(state[P("lastCommit")], made, "what the server tells of messages does not move the room");
  const pushes = commitsHeard(bob, room.subject).filter((commit) => commit[P("push")]?.[P("messages")]);
  assert.equal(pushes.length, 2);
  assert.ok(pushes.every(isGenuine), "the server signs what it tells");
});

test("the newest fifty messages come first, the others page by page", async () => {
  const ann = await resident();
  const drive = await newDrive(ann);
  const room = await make(ann, { isA: C("ChatRoom"), parent: drive.subject, propVals: { [P("name")]: "Long" } });
  for (let number = 0; number < 53; number++) await say(ann, room.subject, `message ${number}`);
  const texts = (state) => state[P("messages")].map((message) => message[P("description")]);
  const newest = await stored(room.subject, ann.getAgent());
  assert.equal(texts(newest).length, 50);
  assert.equal(texts(newest).at(-1), "message 52");
  assert.ok(newest[P("nextPage")].startsWith(`${room.subject}?before-timestamp=`), newest[P("nextPage")]);
  const { body } = await request(newest[P("nextPage")], { agent: ann.getAgent() });
  assert.deepEqual(texts(body).slice(0, 3), ["message 0", "message 1", "message 2"]);
});

test("a channel is a chat room, its chats are messages by their authors", async () => {
  const carol = await newcomer("carol");
  const id = await general(carol);
  const chat = await call(carol, "POST", `/api/channels/${id}/chats`, { content: "from concord" });
  const ann = await resident();
  const room = await ann.getResource(roomUrl(id));
  assert.deepEqual([room.error, room.getClasses()], [undefined, [C("ChatRoom")]]);
  assert.ok(room.getSubjects(P("messages")).includes(chatUrl(chat)));
  const message = await ann.getResource(chatUrl(chat));
  assert.deepEqual(message.getClasses(), [C("Message")]);
  assert.equal(message.get(P("description")), "from concord");
  assert.equal(message.get(P("parent")), roomUrl(id));
  const author = await ann.getResource(message.get(P("createdBy")));
  assert.deepEqual([author.getClasses(), author.get(P("name"))], [[C("Agent")], carol.username]);
});

test("what is said on Concord is heard, as it is edited, reacted to and deleted", async () => {
  const carol = await newcomer("carol");
  const id = await general(carol);
  const ann = await resident();
  await ann.getResource(roomUrl(id));
  await settled(ann);
  const chat = await call(carol, "POST", `/api/channels/${id}/chats`, { content: "live from concord" });
  await shown(ann, roomUrl(id), chatUrl(chat));
  const message = await ann.getResource(chatUrl(chat));
  assert.equal(message.get(P("description")), "live from concord");
  await settled(ann);

  await call(carol, "PATCH", `/api/chats/${chat.id}`, { content: "edited on concord" });
  await until(ann, chatUrl(chat), (seen) => seen.get(P("description")) === "edited on concord", "the edit");
  await call(carol, "POST", `/api/chats/${chat.id}/reactions`, { reaction: "👍", adding: true });
  await until(ann, chatUrl(chat), (seen) => seen.get(P("reactions"))?.["👍"] === 1, "the reaction");
  await call(carol, "DELETE", `/api/chats/${chat.id}`);
  await gone(ann, chatUrl(chat));

  const heard = commitsHeard(ann, chatUrl(chat));
  assert.ok(heard.length >= 3 && heard.every(isGenuine), "each is signed by the agent that it names");
  const author = await stored(heard[0][P("signer")]);
  assert.equal(author[P("name")], carol.username, "and that is its author's");
  assert.deepEqual(ann.errors, []);
});

test("what an Atomic agent says is heard on Concord and Jac, and stays its own", async () => {
  const carol = await newcomer("carol");
  const id = await general(carol);
  const [concord, jac] = [await onConcord(carol), await onJac(id)];
  const ann = await resident();
  const bob = await resident();
  const text = word();
  const message = await say(ann, roomUrl(id), text);
  const { chat } = await concord.hears((frame) => frame.chat?.content === text, "the message on Concord");
  const onJacToo = await jac.hears((frame) => frame.data?.chat?.content === text, "the message on Jac");
  assert.deepEqual([onJacToo.data.chat.via, onJacToo.data.chat.id], ["atomic", chat.id]);
  const name = (await stored(ann.getAgent().subject))[P("name")];
  const users = await call(carol, "GET", "/api/users");
  assert.equal(users.find((user) => user.id === chat.authorId).username, name, "the author is the agent's user");

  for (const subject of [message.subject, chatUrl(chat)]) {
    const seen = await stored(subject, bob.getAgent());
    assert.deepEqual([seen["@id"], seen[P("description")]], [subject, text], "one message, by both of its names");
  }
  await message.set(P("description"), `${text} edited`);
  await message.save();
  await concord.hears((frame) => frame.type === "chat_edited" && frame.content === `${text} edited`, "the edit on Concord");

  const copy = await bob.getResource(message.subject);
  await copy.set(P("description"), "by bob");
  await assert.rejects(copy.save(), /Unauthorized\. /, "only its author edits a message");
  await message.destroy();
  await concord.hears((frame) => frame.type === "chat_deleted" && frame.chatId === chat.id, "the deletion on Concord");
});

test("who becomes a user on an open socket is one there, too", async () => {
  const carol = await newcomer("carol");
  const id = await general(carol);
  const agent = await newAgent();
  const ann = await enter(agent);
  await newDrive(ann);
  const room = await ann.getResource(roomUrl(id));
  assert.equal(room.error, undefined, "users see the channel, by whichever way");
  await settled(ann);
  const chat = await call(carol, "POST", `/api/channels/${id}/chats`, { content: "welcome" });
  await shown(ann, roomUrl(id), chatUrl(chat));
});

test("a private channel is invisible to whom it is not for, until it is", async () => {
  const [boss, carol, ann] = [await admin(), await newcomer("carol"), await resident()];
  const { id } = await call(boss, "POST", "/api/channels", { name: word() });
  await call(boss, "PUT", `/api/channels/${id}/rights/roles/2`, { values: { view: -1 } });
  await call(boss, "PUT", `/api/channels/${id}/rights/users/${carol.id}`, { values: { view: 2 } });
  const secret = word();
  const chat = await call(carol, "POST", `/api/channels/${id}/chats`, { content: secret });

  const unseen = await ann.getResource(roomUrl(id));
  assert.ok(unseen.error, "the room cannot be read");
  await ann.getResource(chatUrl(chat));
  await settled(ann);
  await call(carol, "PATCH", `/api/chats/${chat.id}`, { content: `${secret} edited` });
  await call(carol, "POST", `/api/channels/${id}/chats`, { content: `${secret} again` });
  await assert.rejects(say(ann, roomUrl(id), "let me in"), /^Error: (Unauthorized\. |Resource not found\. |Parent of .* not found)/);
  const open = await general(carol);
  await ann.getResource(roomUrl(open));
  await settled(ann);
  const last = await call(carol, "POST", `/api/channels/${open}/chats`, { content: "in the open" });
  await shown(ann, roomUrl(open), chatUrl(last));
  const leaks = ann.getDefaultWebSocket().heard.filter((frame) => frame.includes(secret));
  assert.deepEqual(leaks, []);
  assert.deepEqual(await ann.search(secret), []);

  const name = (await stored(ann.getAgent().subject))[P("name")];
  const self = (await call(boss, "GET", "/api/users")).find((user) => user.username === name);
  await call(boss, "PUT", `/api/channels/${id}/rights/users/${self.id}`, { values: { view: 2 } });
  const next = await call(carol, "POST", `/api/channels/${id}/chats`, { content: `${secret} for Ann` });
  await shown(ann, roomUrl(id), chatUrl(next));
  const message = await stored(chatUrl(next), ann.getAgent());
  assert.equal(message[P("description")], `${secret} for Ann`);
});
