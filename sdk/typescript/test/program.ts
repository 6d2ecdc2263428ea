/** A worker that runs as a process of its own, for tests that end it. Says `ready` when it is. */

import { setTimeout as pause } from "node:timers/promises";

import { Worker } from "quintet";

const worker = new Worker({ log: { info() {}, warn: console.error, error: console.error } });

const wait = async ({ payload, signal }: { payload: { ms: number }; signal: AbortSignal }) => {
  await pause(payload.ms, undefined, { signal });
  return process.pid;
};
worker.procedure("crowd:once", wait);
worker.procedure("crowd:again", wait, { idempotent: true });
// As by `kill -9`, with this very call under way.
worker.procedure("crowd:die", () => process.kill(process.pid, "SIGKILL"));

void worker.ready().then(() => console.log("ready"));
await worker.run();
