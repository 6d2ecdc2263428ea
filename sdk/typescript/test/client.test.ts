import assert from "node:assert/strict";
import { test } from "node:test";

import {
  BadRequestError,
  ClosedError,
  ConnectionLostError,
  ForbiddenError,
  NotFoundError,
  ServerError,
  TimeoutError,
  UnauthorizedError,
} from "quintet";

import { client as scene, known } from "./scene.js";

test("it logs in and calls", async (context) => {
  const { client, fake } = await scene(context);
  const login = client.authenticate("T");
  const guest = await fake.guest();
  assert.equal(guest.path, "/ws");
  const request = await guest.grants("app::websocket:auth");
  assert.deepEqual(request["payload"], { token: "T" });
  assert.equal(typeof request["ackId"], "string");
  await login;
  const sum = client.call<number>("add", { a: 1, b: 2 });
  const call = await guest.hears("app::add");
  assert.deepEqual([call["payload"], "overlap" in call], [{ a: 1, b: 2 }, false]);
  guest.answer(call, 3);
  assert.equal(await sum, 3);
});

test("a token that does not hold is told, and another one may be tried", async (context) => {
  const { client, fake } = await scene(context);
  const first = client.authenticate("bad");
  const guest = await fake.guest();
  guest.refuse(await guest.hears("app::websocket:auth"), 401, "unauthorized");
  await assert.rejects(first, UnauthorizedError);
  const second = client.authenticate(async () => "good");
  assert.deepEqual((await guest.grants("app::websocket:auth"))["payload"], { token: "good" });
  await second;
});

test("answers belong to their requests, whatever their order", async (context) => {
  const { client, guest } = await known(context);
  const answers = ["a", "b"].map((payload) => client.call("echo", payload, { overlap: true }));
  const [a, b] = [await guest.hears("app::echo"), await guest.hears("app::echo")];
  assert.equal(a["overlap"], true);
  guest.answer(b, "of b");
  guest.answer(a, "of a");
  assert.deepEqual(await Promise.all(answers), ["of a", "of b"]);
});

test("errors have the class of their status", async (context) => {
  const { client, guest } = await known(context);
  for (const [status, Class] of [
    [400, BadRequestError],
    [403, ForbiddenError],
    [404, NotFoundError],
    [418, BadRequestError],
    [503, ServerError],
  ] as const) {
    const answer = client.call("x");
    const fieldErrors = [{ field: "id", error: "id is required" }];
    guest.refuse(await guest.hears("app::x"), status, "no", { fieldErrors });
    await assert.rejects(answer, (error) => {
      assert(error instanceof Class, String(status));
      assert.deepEqual([error.message, error.status, error.fieldErrors], ["no", status, fieldErrors]);
      return true;
    });
  }
});

test("patience ends", async (context) => {
  const { client, guest } = await known(context);
  await assert.rejects(client.call("slow", null, { timeoutMs: 1 }), TimeoutError);
  const controller = new AbortController();
  const answer = client.call("slow", null, { signal: controller.signal });
  controller.abort(new Error("never mind"));
  await assert.rejects(answer, /never mind/);
  const late = await guest.hears("app::slow");
  guest.answer(late, "late");
  await guest.hears("app::slow");
  const next = client.call("echo", 1);
  guest.answer(await guest.hears("app::echo"), 1);
  assert.equal(await next, 1);
});

test("subscriptions are heard, each its own, until they are closed", async (context) => {
  const { client, guest } = await known(context);
  const both = Promise.all([client.subscribe("room/5000"), client.subscribe("rooms/*")]);
  for (const topic of ["room/5000", "rooms/*"]) {
    assert.deepEqual((await guest.grants("app::topic:subscribe"))["payload"], { topic });
  }
  const [room, rooms] = await both;
  guest.say({ topic: "rooms/blue", payload: 1 });
  guest.say({ topic: "chat:sent", payload: { chat: { roomId: 5000, content: "hi" } } });
  assert.equal((await rooms.next()).value?.payload, 1);
  for await (const push of room) {
    assert.equal(push.topic, "chat:sent");
    break;
  }
  assert.deepEqual((await guest.grants("app::topic:unsubscribe"))["payload"], { topic: "room/5000" });
  rooms.close();
  assert.deepEqual(await rooms.next(), { value: undefined, done: true });
});

test("a refused subscription rejects", async (context) => {
  const { client, guest } = await known(context);
  const subscription = client.subscribe("client/other");
  guest.refuse(await guest.hears("app::topic:subscribe"), 403, "not yours");
  await assert.rejects(subscription, ForbiddenError);
});

test("pushes that nobody subscribed to are heard by their name", async (context) => {
  const { client, guest } = await known(context);
  const heard: unknown[] = [];
  const last = new Promise<void>((resolve) => {
    client.on("*", (push) => push.payload === "last" && resolve());
  });
  const end = client.on("client:notice", (push) => {
    heard.push(push.payload);
    end();
  });
  for (const payload of [1, 2, "last"]) guest.say({ topic: "client:notice", payload });
  await last;
  assert.deepEqual(heard, [1]);
});

test("it comes back, logs in with a fresh token, and subscribes again", async (context) => {
  const states: string[] = [];
  const { client, fake } = await scene(context, { onState: (state) => states.push(state) });
  let tokens = 0;
  const login = client.authenticate(() => `T${++tokens}`);
  const first = await fake.guest();
  await first.grants("app::websocket:auth");
  await login;
  const subscribed = client.subscribe("notes/*");
  await first.grants("app::topic:subscribe");
  const notes = await subscribed;
  const lost = client.call("slow");
  await first.hears("app::slow");
  first.socket.terminate();
  await assert.rejects(lost, ConnectionLostError);
  const waits = client.call("echo", 1);
  const second = await fake.guest();
  assert.deepEqual((await second.grants("app::websocket:auth"))["payload"], { token: "T2" });
  await second.grants("app::topic:subscribe");
  second.answer(await second.hears("app::echo"), 1);
  assert.equal(await waits, 1);
  second.say({ topic: "notes/1", payload: "again" });
  assert.equal((await notes.next()).value?.payload, "again");
  assert.deepEqual(states, ["connected", "lost", "connected"]);
});

test("a token that holds no more ends it, for who waits too", async (context) => {
  const { client, fake, guest } = await known(context);
  guest.socket.terminate();
  const second = await fake.guest();
  const waits = client.call("echo");
  second.refuse(await second.hears("app::websocket:auth"), 401, "unauthorized");
  await assert.rejects(waits, UnauthorizedError);
});

test("a message that is too large is told as such", async (context) => {
  const { client, guest } = await known(context);
  const answer = client.call("echo", "x".repeat(3000));
  await guest.hears("app::echo");
  guest.socket.close(1009);
  await assert.rejects(answer, /larger than it takes/);
});

test("closed, it refuses", async (context) => {
  const { client, guest } = await known(context);
  await client.close();
  assert.equal(await guest.closed, 1000);
  await assert.rejects(client.call("echo"), ClosedError);
});
