// The URLs of Atomic Data's vocabulary.

/** A property, as in P("name"). */
export const P = (path) => `https://atomicdata.dev/properties/${path}`;

/** A class, as in C("Drive"). */
export const C = (path) => `https://atomicdata.dev/classes/${path}`;

/** Everybody, logged in or not. */
export const everybody = "https://atomicdata.dev/agents/publicAgent";
