// The scene of an attack: who owns what before it begins.
import assert from "node:assert/strict";
import { articleOf, driveOf, newKey, post } from "./commit.mjs";
import { origin } from "./house.mjs";

/** A name that nobody else uses. */
export const part = () => Math.random().toString(36).slice(2);

/** Ann's private drive with an article, and a stranger with a drive of his own. */
export async function scene() {
  const [ann, mallory] = [newKey(), newKey()];
  const [drive, own] = [`${origin}/t/${part()}`, `${origin}/t/${part()}`];
  for (const commit of [driveOf(ann, drive), articleOf(ann, `${drive}/a`, drive), driveOf(mallory, own)]) {
    const answer = await post(commit);
    assert.equal(answer.status, 200, answer.text);
  }
  return { ann, mallory, drive, article: `${drive}/a`, own };
}
