/** One request with its retries. */

import { APIError, ConnectionFailed, type Problem } from "./errors.js";

export interface Options {
  apiKey: string;
  /** Where the API answers: https://… without /v1. */
  baseUrl: string;
  /** Seconds before a try is given up (30). */
  timeoutSeconds?: number;
  /** Tries after the first (4): after a lost connection, a 429 or a 5xx. */
  retries?: number;
  fetch?: typeof fetch;
}

export interface Call {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** Instead of a body. */
  form?: FormData;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Longer where the API was asked to wait. */
  extraSeconds?: number;
  /** Whoever calls waits out a short 429 itself. */
  isPatient?: boolean;
}

const RETRIED = new Set([408, 425, 429, 500, 502, 503, 504]);
const TOO_MANY_REQUESTS = 429;
const LONGEST_RETRY_AFTER_SECONDS = 60;
const SHORTEST_DELAY_SECONDS = 0.5;
const LONGEST_DELAY_SECONDS = 8;

export class Wire {
  readonly #options: Options;
  readonly #baseUrl: string;
  readonly #fetch: typeof fetch;

  constructor(options: Options) {
    if (!options.apiKey) throw new TypeError("No API key: pass apiKey.");
    if (!options.baseUrl) throw new TypeError("No address: pass baseUrl, the API's, https://… without /v1.");
    this.#options = options;
    this.#baseUrl = options.baseUrl.replace(/\/+$/, "");
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  /** Send a request; again with the same headers where that makes sense. */
  async call<T>(call: Call): Promise<T> {
    const retries = this.#options.retries ?? 4;
    for (let attempt = 0; ; attempt++) {
      let response: Response;
      let text: string;
      try {
        response = await this.#send(call);
        text = await response.text();
      } catch (error) {
        if (attempt >= retries) throw new ConnectionFailed(String(error), { cause: error });
        await sleep(delayOf(attempt));
        continue;
      }
      const asked = retryAfter(response);
      // Until tomorrow, say: that is for the caller to decide.
      const isTooLong = asked !== null && asked > LONGEST_RETRY_AFTER_SECONDS;
      const isTheirs = call.isPatient && response.status === TOO_MANY_REQUESTS;
      if (!RETRIED.has(response.status) || attempt >= retries || isTooLong || isTheirs) return read<T>(response, text);
      await sleep(asked ?? delayOf(attempt));
    }
  }

  /** What a list holds, page after page. */
  async *pages<T>(path: string, query: Record<string, string>): AsyncGenerator<T> {
    let after: string | null | undefined;
    do {
      const page: { data: T[]; next?: string | null } = await this.call({
        method: "GET",
        path,
        query: after ? { ...query, after } : query,
      });
      yield* page.data;
      after = page.next;
    } while (after);
  }

  #send(call: Call): Promise<Response> {
    const url = new URL(this.#baseUrl + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const seconds = (this.#options.timeoutSeconds ?? 30) + (call.extraSeconds ?? 0);
    const hasBody = call.body !== undefined;
    return this.#fetch(url, {
      method: call.method,
      headers: {
        Authorization: `Bearer ${this.#options.apiKey}`,
        ...(hasBody ? { "Content-Type": "application/json" } : {}),
        ...call.headers,
      },
      ...(hasBody ? { body: JSON.stringify(call.body) } : call.form ? { body: call.form } : {}),
      signal: AbortSignal.timeout(seconds * 1000),
    });
  }
}

/** The pause after this one, between two looks that the API answers at once. */
export function longer(pauseSeconds: number): number {
  return Math.max(pauseSeconds, Math.min(LONGEST_DELAY_SECONDS, 2 * pauseSeconds));
}

/** For how many seconds a 429 asks. Throws whatever is no 429, and one that asks for longer than a minute. */
export function pauseAfter(error: unknown): number {
  const isShort = error instanceof APIError && (error.retryAfter ?? 0) <= LONGEST_RETRY_AFTER_SECONDS;
  if (!isShort || error.status !== TOO_MANY_REQUESTS) throw error;
  return error.retryAfter ?? 0;
}

export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function read<T>(response: Response, text: string): T {
  let body: unknown = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    // Something between us and the API answered; its status says enough.
  }
  if (!response.ok) throw new APIError(response.status, body as Problem, retryAfter(response), response.headers.get("x-request-id"));
  return body as T;
}

function delayOf(attempt: number): number {
  return Math.min(LONGEST_DELAY_SECONDS, SHORTEST_DELAY_SECONDS * 2 ** attempt) * (0.5 + Math.random() / 2);
}

function retryAfter(response: Response): number | null {
  const seconds = Number.parseFloat(response.headers.get("retry-after") ?? "");
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
