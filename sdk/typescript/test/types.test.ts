/** What the compiler knows: this file is right if it compiles. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Worker } from "quintet";
import type { Asked, Input, Output } from "quintet";

/** Compiles where both types are one. */
function same<A, B>(_: [A, B] extends [B, A] ? true : never): void {}

test("types of procedures are inferred", () => {
  const worker = new Worker({ url: "http://localhost:1", token: "T" });

  const add = worker.procedure("add", async ({ payload }: Asked<{ a: number; b: number }>) => payload.a + payload.b);
  same<Input<typeof add>, { a: number; b: number }>(true);
  same<Output<typeof add>, number>(true);

  const parsed = worker.procedure("parsed", ({ payload }) => payload.length, { parse: (it: unknown) => String(it) });
  same<Input<typeof parsed>, string>(true);
  same<Output<typeof parsed>, number>(true);

  const given = worker.procedure<string, string>("given", ({ payload }) => payload);
  same<Input<typeof given>, string>(true);

  // @ts-expect-error what is not known is to be looked at first
  worker.procedure("unknown", ({ payload }) => payload.length);
  // @ts-expect-error there is no such claim
  worker.procedure("claims", () => 1, { claims: ["root"] });
  assert.equal(add.name, "add");
});
