import assert from "node:assert/strict";
import { test } from "node:test";

import { BadRequestError, ConflictError, ProcedureError, UnauthorizedError, Worker } from "quintet";
import type { Call, CallError, FieldError } from "quintet";

import { worker as scene } from "./scene.js";

test("it shows its token, registers, and answers", async (context) => {
  const { fake, worker } = await scene(context, { calls: 8 });
  worker.procedure("add", ({ payload: { a, b } }: { payload: { a: number; b: number } }) => a + b, {
    claims: [],
    timeoutMs: 500,
    concurrency: 2,
    idempotent: true,
    description: "adds",
  });
  worker.procedure("nothing", () => undefined);
  const run = worker.run();
  const guest = await fake.guest();
  assert.equal(guest.path, "/worker");
  assert.deepEqual((await guest.grants("app::websocket:auth"))["payload"], { token: "T" });
  const { payload } = await guest.grants("worker::register");
  assert.deepEqual(payload, {
    calls: 8,
    procedures: [
      { name: "add", claims: [], timeoutMs: 500, concurrency: 2, idempotent: true, description: "adds" },
      { name: "nothing" },
    ],
  });
  guest.call("17", "add", { a: 1, b: 2 });
  assert.deepEqual(await guest.hears("worker::call"), { topic: "worker::call", ack: "17", payload: 3 });
  guest.call("18", "nothing");
  assert.deepEqual(await guest.hears("worker::call"), { topic: "worker::call", ack: "18", payload: null });
  const stopped = worker.stop();
  await guest.grants("worker::drain");
  await stopped;
  await run;
  assert.equal(await guest.closed, 1000);
});

test("a handler learns who calls, and may set a status", async (context) => {
  const { fake, worker } = await scene(context);
  let seen: Call | undefined;
  worker.procedure("make", ({ call }) => {
    seen = call;
    call.status = 201;
    return "made";
  });
  void worker.run();
  const guest = await fake.guest();
  await guest.registers();
  guest.call("1", "make", null, { attempt: 2, extra: { root: "n::1" } });
  assert.deepEqual(await guest.hears("worker::call"), { topic: "worker::call", ack: "1", status: 201, payload: "made" });
  assert.equal(seen?.actor.user?.username, "ann");
  assert.deepEqual(seen?.connection, { id: "c-1", dialect: "flamigo" });
  assert.deepEqual([seen?.attempt, seen?.extra], [2, { root: "n::1" }]);
});

test("calls are answered concurrently, in any order", async (context) => {
  const { fake, worker } = await scene(context);
  const waiting: (() => void)[] = [];
  worker.procedure("wait", async ({ payload }) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return payload;
  });
  void worker.run();
  const guest = await fake.guest();
  await guest.registers();
  for (const ack of ["1", "2", "3"]) guest.call(ack, "wait", ack);
  await until(() => waiting.length === 3);
  for (const go of waiting.reverse()) go();
  for (const ack of ["3", "2", "1"]) assert.equal((await guest.hears("worker::call"))["payload"], ack);
});

test("what is thrown for the caller is told, what is not is logged only", async (context) => {
  const { fake, worker, diary } = await scene(context);
  worker.procedure("locked", () => {
    throw new ProcedureError("Note is locked", { status: 409 });
  });
  const fieldErrors: FieldError[] = [{ field: "id", error: "id is required" }];
  worker.procedure("wrong", () => {
    throw new ProcedureError("wrong", { fieldErrors, data: { more: true } });
  });
  worker.procedure("broken", async () => {
    throw new Error("password of the database is hunter2");
  });
  worker.procedure("circle", () => {
    const circle: Record<string, unknown> = {};
    circle["circle"] = circle;
    return circle;
  });
  worker.procedure("data", () => {
    throw new ProcedureError("no", { data: 1n });
  });
  void worker.run();
  const guest = await fake.guest();
  await guest.registers();
  const table: [string, unknown][] = [
    ["locked", { message: "Note is locked", status: 409 }],
    ["wrong", { message: "wrong", status: 400, fieldErrors, data: { more: true } }],
    ["broken", { status: 500 }],
    ["circle", { status: 500 }],
    ["data", { status: 500 }],
    ["unknown", { message: "unknown is not run here", status: 404 }],
  ];
  for (const [name, payload] of table) {
    guest.call("9", name);
    assert.deepEqual(await guest.hears("error"), { topic: "error", ack: "9", payload }, name);
  }
  assert(diary.lines.some((line) => line.includes("hunter2")));
});

test("what is too large fails alone", async (context) => {
  const { fake, worker, diary } = await scene(context);
  const bound = 16 * 1024 * 1024;
  worker.procedure("text", ({ payload }: { payload: number }) => "x".repeat(payload));
  worker.procedure("umlauts", ({ payload }: { payload: number }) => "ü".repeat(payload));
  worker.procedure("excuse", ({ payload }: { payload: number }) => {
    throw new ProcedureError("x".repeat(payload), { status: 409 });
  });
  worker.procedure("tell", async () => {
    const statuses: number[] = [];
    for (const saying of [() => worker.notifyClients(["1:2"], { text: "x".repeat(bound) }), () => worker.publish("notes/1", "x".repeat(bound))]) {
      await assert.rejects(saying, (error: CallError) => {
        statuses.push(error.status);
        return error instanceof BadRequestError && /more than a server takes/.test(error.message);
      });
    }
    return statuses;
  });
  worker.procedure("careless", () => worker.publish("notes/1", "x".repeat(bound)));
  void worker.run();
  const guest = await fake.guest();
  await guest.registers();
  const answer = async (name: string, payload?: number) => {
    guest.call("9", name, payload);
    return guest.hears("error");
  };
  const tooLarge = { topic: "error", ack: "9", payload: { status: 500, message: "the answer is too large" } };
  assert.deepEqual(await answer("text", bound), tooLarge);
  assert.deepEqual(await answer("umlauts", bound / 2), tooLarge);
  assert.deepEqual(await answer("excuse", bound), tooLarge);
  assert(diary.lines.some((line) => line.startsWith("error text failed")));
  assert.deepEqual((await answer("careless"))["payload"], { status: 500 });
  guest.call("9", "tell");
  assert.deepEqual((await guest.hears("worker::call"))["payload"], [413, 413]);
  const around = JSON.stringify({ topic: "worker::call", payload: "", ack: "9" }).length;
  guest.call("9", "text", bound - around);
  assert.equal((await guest.hears("worker::call"))["payload"].length, bound - around);
  assert.deepEqual(await answer("text", bound - around + 1), tooLarge);
});

test("payloads are parsed; issues become field errors", async (context) => {
  const { fake, worker } = await scene(context);
  const parse = (payload: unknown) => {
    if (typeof payload === "number") return payload;
    throw Object.assign(new Error("no"), { issues: [{ path: ["note", 0], message: "expected a number" }] });
  };
  worker.procedure("double", ({ payload }) => payload * 2, { parse });
  void worker.run();
  const guest = await fake.guest();
  const register = await guest.registers();
  assert.deepEqual(register["payload"]["procedures"], [{ name: "double" }]);
  guest.call("1", "double", 2);
  assert.equal((await guest.hears("worker::call"))["payload"], 4);
  guest.call("2", "double", "x");
  const { payload } = await guest.hears("error");
  const error = "note.0: expected a number";
  assert.deepEqual(payload, { status: 400, message: error, fieldErrors: [{ field: "note.0", error }] });
});

test("a cancelled call is aborted and not answered; so is one whose time is over", async (context) => {
  const { fake, worker, diary } = await scene(context);
  const reasons: string[] = [];
  worker.procedure("wait", async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    reasons.push((signal.reason as Error).name);
    throw signal.reason;
  });
  worker.procedure("echo", ({ payload }) => payload);
  void worker.run();
  const guest = await fake.guest();
  await guest.registers();
  guest.call("1", "wait");
  guest.say({ topic: "worker::cancel", payload: { ack: "1" } });
  guest.call("2", "wait", null, { deadlineMs: 1 });
  await until(() => reasons.length === 2);
  assert.deepEqual(reasons, ["AbortError", "TimeoutError"]);
  guest.call("3", "echo", "next");
  assert.deepEqual(await guest.hears("worker::call"), { topic: "worker::call", ack: "3", payload: "next" });
  assert.equal(diary.lines.filter((line) => line.startsWith("error")).length, 0);
});

test("it connects again, registers again, and subscribes again; calls of the lost connection are aborted", async (context) => {
  const { fake, worker } = await scene(context);
  let aborted: unknown;
  worker.procedure("wait", async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    aborted = signal.reason;
    return "too late";
  });
  void worker.run();
  const first = await fake.guest();
  await first.registers();
  const subscribed = worker.subscribe("rooms/*");
  await first.grants("app::topic:subscribe");
  const subscription = await subscribed;
  first.call("1", "wait");
  first.socket.close(1001);
  const second = await fake.guest();
  assert.deepEqual((await second.registers())["payload"]["procedures"], [{ name: "wait" }]);
  assert.deepEqual((await second.grants("app::topic:subscribe"))["payload"], { topic: "rooms/*" });
  assert.match(String(aborted), /shutting down/);
  second.say({ topic: "rooms/blue", payload: { text: "hi" } });
  assert.deepEqual(await subscription.next(), { value: { topic: "rooms/blue", payload: { text: "hi" } }, done: false });
  assert.equal(second.waiting, 0, "nobody answers a call of the connection before");
});

test("refusals that will not change end it, with what the server said", async (context) => {
  for (const [topic, status, Class] of [
    ["app::websocket:auth", 401, UnauthorizedError],
    ["worker::register", 409, ConflictError],
  ] as const) {
    const { fake, worker } = await scene(context);
    worker.procedure("add", () => 1);
    const run = worker.run();
    const guest = await fake.guest();
    if (topic === "worker::register") await guest.grants("app::websocket:auth");
    guest.refuse(await guest.hears(topic), status, "add is run by worker other");
    await assert.rejects(run, (error: Error) => error instanceof Class && /does not take .*: add is run by worker other/.test(error.message));
    await guest.closed;
  }
});

test("refusals that may change do not", async (context) => {
  const { fake, worker } = await scene(context);
  void worker.run();
  const first = await fake.guest();
  first.refuse(await first.hears("app::websocket:auth"), 503, "shutting down");
  await (await fake.guest()).registers();
  await worker.ready();
});

test("stopping answers what is under way, and takes nothing more", async (context) => {
  const { fake, worker } = await scene(context);
  let go = () => {};
  worker.procedure("wait", () => new Promise<string>((resolve) => (go = () => resolve("done"))));
  const run = worker.run();
  const guest = await fake.guest();
  await guest.registers();
  await worker.ready();
  guest.call("1", "wait");
  const stopped = worker.stop();
  await guest.grants("worker::drain");
  go();
  assert.deepEqual(await guest.hears("worker::call"), { topic: "worker::call", ack: "1", payload: "done" });
  assert.equal(await guest.closed, 1000);
  await stopped;
  await run;
});

test("stopping does not wait for ever", async (context) => {
  const { fake, worker, diary } = await scene(context, { drainMs: 20 });
  let aborted = false;
  worker.procedure("wait", ({ signal }) => {
    signal.addEventListener("abort", () => (aborted = true));
    return new Promise(() => {});
  });
  const run = worker.run();
  const guest = await fake.guest();
  await guest.registers();
  await worker.ready();
  guest.call("1", "wait");
  void worker.stop();
  await guest.grants("worker::drain");
  await run;
  assert(aborted);
  assert(diary.lines.some((line) => line.includes("longer than 20 ms")), diary.lines.join("\n"));
});

test("it stops while nobody answers", async (context) => {
  const { fake, worker } = await scene(context);
  const run = worker.run();
  (await fake.guest()).socket.terminate();
  await fake.close();
  await worker.stop();
  await run;
});

test("it notifies and publishes before it answers", async (context) => {
  const { fake, worker } = await scene(context);
  worker.procedure("tell", async ({ call }) => {
    void worker.notifyClients([call.connection?.id ?? ""], { step: 1 });
    void worker.notify({ users: [4097, "n::1"], channels: ["lobby"], rooms: [5000] }, { step: 2 });
    void worker.publish("notes/1", { step: 3 });
    return "told";
  });
  void worker.run();
  const guest = await fake.guest();
  await guest.registers();
  guest.call("1", "tell");
  assert.deepEqual((await guest.grants("app::notify"))["payload"], { clients: ["c-1"], data: { step: 1 } });
  const second = { users: ["4097", "n::1"], channels: ["lobby"], rooms: ["5000"], data: { step: 2 } };
  assert.deepEqual((await guest.grants("app::notify"))["payload"], second);
  assert.deepEqual((await guest.grants("app::topic:publish"))["payload"], { topic: "notes/1", payload: { step: 3 } });
  assert.equal((await guest.hears("worker::call"))["payload"], "told");
});

test("it may call procedures itself, its own too", async (context) => {
  const { fake, worker } = await scene(context);
  worker.procedure("outer", ({ payload }) => worker.call<number>("inner", payload));
  void worker.run();
  const guest = await fake.guest();
  await guest.registers();
  guest.call("1", "outer", 20);
  const inner = await guest.hears("app::inner");
  assert.deepEqual([inner["payload"], inner["overlap"]], [20, true]);
  guest.answer(inner, 21);
  assert.deepEqual(await guest.hears("worker::call"), { topic: "worker::call", ack: "1", payload: 21 });
});

test("what is wrong before it runs is said at once", () => {
  assert.throws(() => new Worker({ url: "http://localhost:1", token: "" }), /needs a token/);
  assert.throws(() => new Worker({ url: "ftp://localhost", token: "T" }), /use http, https, ws or wss/);
  assert.throws(() => new Worker({ url: "localhost", token: "T" }), /is no URL/);
  const worker = new Worker({ url: "http://localhost:1", token: "T" });
  worker.procedure("add", () => 1);
  assert.throws(() => worker.procedure("add", () => 2), /there already/);
  assert.throws(() => new ProcedureError("x", { status: 200 }), /400 to 599/);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
