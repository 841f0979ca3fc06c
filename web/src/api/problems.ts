// What the API says when it refuses (RFC 9457), as an error that pages can show.

export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  trace_id: string;
  missing_permission?: string;
  errors?: { pointer: string; detail: string }[];
}

export class ProblemError extends Error {
  constructor(readonly problem: ProblemDocument) {
    super(problem.title);
    this.name = "ProblemError";
  }

  /** The last part of the type: stable, and the same in every language. */
  get kind(): string {
    return this.problem.type.split("/").pop() ?? "";
  }
}

/** No answer at all: the server is away, or the network is. */
export class UnreachableError extends Error {
  constructor() {
    super("unreachable");
    this.name = "UnreachableError";
  }
}

export function asProblem(body: unknown, status: number): ProblemDocument {
  if (typeof body === "object" && body !== null && "title" in body) return body as ProblemDocument;
  return { type: "", title: `HTTP ${status}`, status, detail: typeof body === "string" ? body.slice(0, 500) : "", trace_id: "" };
}

/** What the field at `pointer` is told, e.g. "/cluster/name". */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ProblemError)) return {};
  return Object.fromEntries((error.problem.errors ?? []).map((each) => [each.pointer, each.detail]));
}
