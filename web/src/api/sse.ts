// Parses server-sent events as they come in. Pure: chunks in, events out.

export interface ServerEvent {
  id: string;
  name: string;
  data: string;
}

export class EventParser {
  private rest = "";
  private id = "";
  private name = "";
  private data: string[] = [];

  /** The events that this chunk completes. An id stays in force until another comes, as the standard says. */
  push(chunk: string): ServerEvent[] {
    const found: ServerEvent[] = [];
    const lines = (this.rest + chunk).split(/\r?\n/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (this.data.length) found.push({ id: this.id, name: this.name || "message", data: this.data.join("\n") });
        this.name = "";
        this.data = [];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "id") this.id = value;
      else if (field === "event") this.name = value;
      else if (field === "data") this.data.push(value);
    }
    return found;
  }
}

/** How long to wait before the nth attempt to connect again: 1, 2, 4, 8 ... seconds, at most 15. */
export function backoffMs(attempt: number): number {
  return Math.min(15_000, 1000 * 2 ** Math.max(0, attempt - 1));
}
