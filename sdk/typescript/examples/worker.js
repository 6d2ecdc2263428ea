// A worker of its own: npm install ../.., then QUINTET_TOKEN=$(quintet token --worker example) node worker.js
import { setTimeout as pause } from "node:timers/promises";

import { ProcedureError, Worker } from "quintet";

const worker = new Worker();

/** Any client may call it: `app::add`, `POST /quintet/v1/call/add`, a walker event … */
worker.procedure("add", ({ payload }) => {
  const { a, b } = payload ?? {};
  if (typeof a !== "number") throw new ProcedureError("a is required", { fieldErrors: [{ field: "a", error: "a is required" }] });
  if (typeof b !== "number") throw new ProcedureError("b is required", { fieldErrors: [{ field: "b", error: "b is required" }] });
  return a + b;
});

/** Tells the caller how far it is, and stops when the caller leaves. */
worker.procedure("count", async ({ payload, call, signal }) => {
  for (let step = 1; step <= payload.to; step++) {
    await pause(payload.ms ?? 100, undefined, { signal });
    if (call.connection) await worker.notifyClients([call.connection.id], { step });
  }
  return { counted: payload.to, for: call.actor.user?.username ?? null };
}, { description: "counts, slowly", timeoutMs: 60_000 });

await worker.run();
