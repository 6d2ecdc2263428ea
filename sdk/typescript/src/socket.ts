/** A WebSocket, as browsers and Node.js have it. */

/** What is used of a WebSocket. */
export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Ends it at once, where that is possible. */
  terminate?(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
}

/** Begins to connect: with the WebSocket of the platform, else with that of the package `ws`. */
export async function newSocket(url: string): Promise<Socket> {
  const Own = (globalThis as { WebSocket?: new (url: string) => unknown }).WebSocket;
  if (Own) return new Own(url) as Socket;
  const { default: WebSocket } = await import("ws");
  // Small frames, many of them: compressing each costs more time than it saves.
  return new WebSocket(url, { perMessageDeflate: false }) as Socket;
}
