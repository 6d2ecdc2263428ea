/** A fake server with a worker or a client, for one test. */

import type { TestContext } from "node:test";

import { Client, Worker } from "quintet";
import type { ClientOptions, WorkerOptions } from "quintet";

import { Diary, Fake } from "./fake.js";

const pauses = { minMs: 1, maxMs: 5 };

/** A worker that does not run yet, and its server. */
export async function worker(context: TestContext, options: WorkerOptions = {}) {
  const fake = await Fake.open();
  const diary = new Diary();
  const it = new Worker({ url: fake.url, token: "T", pauses, signals: false, log: diary, ...options });
  context.after(async () => {
    await fake.close();
    await it.stop();
  });
  return { fake, diary, worker: it };
}

/** A client, and its server. */
export async function client(context: TestContext, options: ClientOptions = {}) {
  const fake = await Fake.open();
  const diary = new Diary();
  const it = new Client({ url: fake.url, pauses, log: diary, ...options });
  context.after(async () => {
    await fake.close();
    await it.close();
  });
  return { fake, diary, client: it };
}

/** A client that is logged in. */
export async function known(context: TestContext, options: ClientOptions = {}) {
  const { fake, diary, client: it } = await client(context, options);
  const login = it.authenticate("T");
  const guest = await fake.guest();
  await guest.grants("app::websocket:auth");
  await login;
  return { fake, diary, client: it, guest };
}
