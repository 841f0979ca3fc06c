// A stream of server-sent events that comes back by itself, with Last-Event-ID, until it is stopped.
import { backoffMs, EventParser, type ServerEvent } from "./sse";
import { authorized } from "./session";

export type Liveness = "connecting" | "live" | "reconnecting" | "ended";

interface Following {
  onEvent: (event: ServerEvent) => void;
  onLiveness: (liveness: Liveness) => void;
}

/** Follows `path`; the answer stops it. */
export function follow(path: string, { onEvent, onLiveness }: Following): () => void {
  const stop = new AbortController();
  void (async () => {
    let last = "";
    let attempt = 0;
    onLiveness("connecting");
    while (!stop.signal.aborted) {
      try {
        const headers: Record<string, string> = { Accept: "text/event-stream" };
        if (last) headers["Last-Event-ID"] = last;
        const response = await authorized(new Request(path, { headers, signal: stop.signal }));
        if (response.status === 404 || response.status === 403) return onLiveness("ended");
        if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
        attempt = 0;
        onLiveness("live");
        await read(response.body, (event) => {
          last = event.id || last;
          onEvent(event);
        });
      } catch {
        // whatever cut the stream, it is asked for again
      }
      if (stop.signal.aborted) return;
      attempt += 1;
      onLiveness("reconnecting");
      await pause(backoffMs(attempt), stop.signal);
    }
  })();
  return () => stop.abort();
}

async function read(body: ReadableStream<Uint8Array>, onEvent: (event: ServerEvent) => void): Promise<void> {
  const parser = new EventParser();
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.push(value).forEach(onEvent);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
