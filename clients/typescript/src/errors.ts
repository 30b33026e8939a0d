/** What the API refuses, and what can go wrong on the way to it. */

export interface Problem {
  title?: string;
  detail?: string;
  error?: { type?: string; code?: string; message?: string; param?: string | null; docUrl?: string | null };
}

/** The API answered with an error; the fields are those of its problem document. */
export class APIError extends Error {
  readonly type: string;
  readonly code: string;
  readonly param: string | null;
  readonly docUrl: string | null;

  constructor(
    readonly status: number,
    readonly body: Problem,
    /** Seconds the API asks to wait, where it does. */
    readonly retryAfter: number | null,
    /** What to name when asking about it. */
    readonly requestId: string | null = null,
  ) {
    const error = body.error ?? {};
    super(error.message ?? body.detail ?? body.title ?? `HTTP ${status}`);
    this.name = "APIError";
    this.type = error.type ?? "";
    this.code = error.code ?? "";
    this.param = error.param ?? null;
    this.docUrl = error.docUrl ?? null;
  }
}

/** The API could not be reached, after all retries. */
export class ConnectionFailed extends Error {
  override name = "ConnectionFailed";
}

/** A picture was not ready within the time given to `wait`; it goes on being made. */
export class WaitTimeout extends Error {
  override name = "WaitTimeout";

  constructor(
    readonly id: string,
    seconds: number,
  ) {
    super(`${id} was not ready after ${seconds} s`);
  }
}
