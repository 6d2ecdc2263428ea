/** Where the server is, and what the environment says of it. */

import { QuintetError } from "./errors.js";

const HOME = "http://localhost:8080";

/** The process, where there is one: browsers have none. */
interface Process {
  env?: Record<string, string | undefined>;
  on?: (signal: string, listener: () => void) => unknown;
  off?: (signal: string, listener: () => void) => unknown;
}

/** Node's process (or Deno's, or Bun's); `undefined` in browsers. */
export function process(): Process | undefined {
  return (globalThis as { process?: Process }).process;
}

/** A variable of the environment; `undefined` where it is empty too. */
export function variable(name: string): string | undefined {
  return process()?.env?.[name] || undefined;
}

/** The URL of one of the server's sockets: `path` below the server's own URL, which may be written with http or ws. */
export function socketUrl(server: string | undefined, path: "/worker" | "/ws"): string {
  const url = parse(server ?? variable("QUINTET_URL") ?? origin() ?? HOME);
  url.protocol = url.protocol.replace("http", "ws");
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new QuintetError(`${url.href} is no URL of a server: use http, https, ws or wss`);
  }
  const below = url.pathname.replace(/\/+$/, "");
  url.pathname = below.endsWith(path) ? below : below + path;
  url.hash = "";
  return url.href;
}

/** Where a page was loaded from. */
function origin(): string | undefined {
  const { location } = globalThis as { location?: { origin?: string } };
  return location?.origin?.startsWith("http") ? location.origin : undefined;
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new QuintetError(`${text} is no URL: use one like ${HOME}`, { cause });
  }
}
