// Waiting for what must happen, with a limit and a sentence that says what did not.

/** Generous: a test that passes never waits for it. */
export const PATIENCE = 20_000;

/** The promise, or an error that names what was waited for. */
export async function within(promise, what, patience = PATIENCE) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patience} ms in vain for ${what}`)), patience);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a store's copy of a subject is as wanted; subscribes if the client does not yet. */
export function until(store, subject, wanted, what) {
  let stop = () => {};
  const seen = new Promise((resolve) => {
    const look = (resource) => wanted(resource) && resolve(resource);
    stop = store.subscribe(subject, look);
    const known = store.resources.get(subject);
    if (known) look(known);
  });
  const last = () => JSON.stringify(Object.fromEntries(store.resources.get(subject)?.getPropVals() ?? []));
  return within(seen, `${subject}: ${what}`)
    .catch((error) => {
      throw new Error(`${error.message}; the client has ${last()}`);
    })
    .finally(stop);
}

/** Waits until a store no longer has a subject. */
export function gone(store, subject) {
  let stop = () => {};
  const removed = new Promise((resolve) => {
    stop = store.on("resource-removed", (resource) => resource.subject === subject && resolve());
    if (!store.resources.has(subject)) resolve();
  });
  return within(removed, `${subject} to go`).finally(stop);
}
