/** Against a real server: `QUINTET_TEST_URL`, `QUINTET_TEST_TOKENS` (of two workers) and `QUINTET_TEST_USER` (a user's token) tell where. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import type { TestContext } from "node:test";

import { WebSocket } from "ws";

import {
  BadRequestError,
  CallError,
  Client,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  ProcedureError,
  ServerError,
  UnauthorizedError,
  Worker,
} from "quintet";
import type { Push, WorkerOptions } from "quintet";

import { Diary } from "./fake.js";

const url = process.env["QUINTET_TEST_URL"];
const [mine = "", other = ""] = (process.env["QUINTET_TEST_TOKENS"] ?? "").split(" ");
const user = process.env["QUINTET_TEST_USER"] ?? "";
const options = { skip: !url && "no server: set QUINTET_TEST_URL", timeout: 120_000 };

function worker(context: TestContext, more: WorkerOptions = {}): Worker {
  const it = new Worker({ url, token: mine, signals: false, log: new Diary(), ...more });
  context.after(() => it.stop());
  return it;
}

async function client(context: TestContext): Promise<Client> {
  const it = new Client({ url, log: new Diary() });
  context.after(() => it.close());
  await it.authenticate(user);
  return it;
}

/** A worker as a process of its own, once it is ready. */
async function program(context: TestContext): Promise<ChildProcess> {
  const env = { ...process.env, QUINTET_URL: url, QUINTET_TOKEN: mine };
  const file = new URL("program.js", import.meta.url).pathname;
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
  context.after(() => child.kill("SIGKILL"));
  const [said] = await once(child.stdout, "data");
  assert.equal(String(said).trim(), "ready");
  return child;
}

test("a worker answers a client: results, errors, who calls", options, async (context) => {
  const works = worker(context);
  works.procedure("ts:add", ({ payload: { a, b } }: { payload: { a: number; b: number } }) => a + b);
  works.procedure("ts:who", ({ call }) => ({ ...call.actor.user, dialect: call.connection?.dialect }));
  works.procedure("ts:locked", () => {
    throw new ProcedureError("Note is locked", { status: 409, fieldErrors: [{ field: "id", error: "id is locked" }] });
  });
  works.procedure("ts:broken", () => {
    throw new Error("hunter2");
  });
  works.procedure("ts:admins", () => 1, { claims: ["admin"] });
  await works.ready();
  const calls = await client(context);
  assert.equal(await calls.call("ts:add", { a: 1, b: 2 }), 3);
  const who = await calls.call<Record<string, unknown>>("ts:who");
  assert.deepEqual([who["username"], who["dialect"]], ["ann", "flamigo"]);
  await assert.rejects(calls.call("ts:locked"), (error) => {
    assert(error instanceof ConflictError);
    assert.deepEqual([error.message, error.fieldErrors], ["Note is locked", [{ field: "id", error: "id is locked" }]]);
    return true;
  });
  await assert.rejects(calls.call("ts:broken"), (error) => error instanceof ServerError && !error.message.includes("hunter2"));
  await assert.rejects(calls.call("ts:admins"), ForbiddenError);
  await assert.rejects(calls.call("ts:nobody"), NotFoundError);
  await assert.rejects(calls.call("fail"), (error) => error instanceof BadRequestError && error.status === 418);
  assert.equal(await works.call("ts:add", { a: 20, b: 1 }), 21, "its own procedure, through the server");
});

test("what a worker says before it answers is heard before the answer", options, async (context) => {
  const works = worker(context);
  works.procedure("ts:tell", async ({ call }) => {
    await works.notifyClients([call.connection?.id ?? ""], { step: 1 });
    await works.publish("ts-notes/1", { step: 2 });
    return "told";
  });
  await works.ready();
  const calls = await client(context);
  const heard: unknown[] = [];
  calls.on("client:notice", ({ payload }) => heard.push(payload));
  const notes = await calls.subscribe("ts-notes/*");
  heard.push(await calls.call("ts:tell"));
  assert.deepEqual(heard, [{ step: 1 }, "told"]);
  const { value } = await notes.next();
  assert.deepEqual(value, { topic: "ts-notes/1", payload: { step: 2 } } satisfies Push);
});

test("a worker hears the bus, and a client says something on it", options, async (context) => {
  const works = worker(context);
  const calls = await client(context);
  const heard = await works.subscribe("ts-news/*");
  await calls.publish("ts-news/today", [1, 2]);
  assert.deepEqual((await heard.next()).value, { topic: "ts-news/today", payload: [1, 2] });
  await assert.rejects(calls.publish("room/1", null), CallError);
});

test("a client that leaves aborts its call", options, async (context) => {
  const works = worker(context);
  const begun = withResolvers<AbortSignal>();
  works.procedure("ts:wait", ({ signal }) => {
    begun.resolve(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  await works.ready();
  const calls = await client(context);
  const lost = assert.rejects(calls.call("ts:wait"));
  const signal = await begun.promise;
  await calls.close();
  await lost;
  if (!signal.aborted) await once(signal, "abort");
});

test("a name has one owner, and a token must hold", options, async (context) => {
  const first = worker(context);
  first.procedure("ts:mine", () => 1);
  await first.ready();
  const second = worker(context, { token: other });
  second.procedure("ts:mine", () => 2);
  await assert.rejects(second.run(), (error) => error instanceof ConflictError && /ts:mine/.test(error.message));
  await assert.rejects(worker(context, { token: "no.such.token" }).run(), UnauthorizedError);
  await assert.rejects(worker(context, { token: user }).run(), ForbiddenError);
  const nobody = new Client({ url, log: new Diary() });
  context.after(() => nobody.close());
  await assert.rejects(nobody.authenticate("no.such.token"), UnauthorizedError);
});

test("SIGTERM answers what is under way, and leaves", options, async (context) => {
  const child = await program(context);
  const exit = once(child, "exit");
  const calls = await client(context);
  const answer = calls.call("crowd:once", { ms: 300 }, { overlap: true });
  // What was asked behind it has been answered: it is at the worker.
  await calls.call("echo");
  child.kill("SIGTERM");
  assert.equal(await answer, child.pid);
  assert.deepEqual(await exit, [0, null]);
});

test("a worker killed in the middle of 1,000 calls: each has one answer, the next go to the other worker", options, async (context) => {
  const programs = [await program(context), await program(context)];
  const calls = await client(context);
  const crowd = await Promise.all(Array.from({ length: 20 }, () => Caller.open(context)));
  const names = ["crowd:once", "crowd:again"];
  const all = crowd.map((caller, index) => caller.calls(names[index % 2] ?? "", 50));
  await until(() => crowd.reduce((sum, caller) => sum + caller.answers, 0) >= 300);
  const died = Promise.race(programs.map(async (one) => (await once(one, "exit"), one.pid)));
  await assert.rejects(calls.call("crowd:die"), (error) => error instanceof ServerError && error.status === 503);
  const dead = await died;
  const survivor = programs.find((one) => one.pid !== dead)?.pid;
  await Promise.all(all);
  const seen = { dead: 0, survivor: 0, unavailable: 0 };
  for (const [index, caller] of crowd.entries()) {
    assert.equal(caller.heard.size, 50);
    for (const frames of caller.heard.values()) {
      assert.equal(frames.length, 1, "one answer");
      const { topic, payload } = frames[0] ?? assert.fail();
      if (topic === "error") {
        assert.deepEqual([payload.status, names[index % 2]], [503, "crowd:once"]);
        seen.unavailable += 1;
      } else {
        assert([dead, survivor].includes(payload));
        seen[payload === dead ? "dead" : "survivor"] += 1;
      }
    }
  }
  context.diagnostic(JSON.stringify(seen));
  assert(seen.dead > 0 && seen.survivor > 300, "both had their share");
  const next = await Promise.all(Array.from({ length: 50 }, () => calls.call("crowd:once", { ms: 1 }, { overlap: true })));
  assert(next.every((pid) => pid === survivor));
});

/** A caller that counts every frame. */
class Caller {
  readonly heard = new Map<string, { topic: string; payload: any }[]>();
  answers = 0;
  private told = () => {};

  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data));
      this.heard.get(frame.ackId)?.push(frame);
      this.answers += 1;
      this.told();
    });
  }

  static async open(context: TestContext): Promise<Caller> {
    const socket = new WebSocket(`${url}/ws`.replace("http", "ws"));
    context.after(() => socket.terminate());
    await once(socket, "open");
    socket.send(JSON.stringify({ topic: "app::websocket:auth", payload: { token: user } }));
    await once(socket, "message");
    return new Caller(socket);
  }

  /** Makes so many calls at once, and waits for as many answers; then until it is clear that no more follow. */
  async calls(name: string, count: number): Promise<void> {
    const all = new Promise<void>((resolve) => {
      this.told = () => this.answers >= count && resolve();
    });
    for (let number = 0; number < count; number++) {
      const ackId = String(number);
      this.heard.set(ackId, []);
      this.socket.send(JSON.stringify({ topic: `app::${name}`, payload: { ms: 20 }, ackId, overlap: true }));
    }
    await all;
    // A second answer would stand before this one.
    this.heard.set("last", []);
    const last = new Promise<void>((resolve) => {
      this.told = () => (this.heard.get("last")?.length ?? 0) > 0 && resolve();
    });
    this.socket.send(JSON.stringify({ topic: "app::echo", payload: null, ackId: "last" }));
    await last;
    this.heard.delete("last");
  }
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
