/** Everything under /v1/diffusions. */

import { webCrypto } from "./crypto.js";
import { WaitTimeout } from "./errors.js";
import type { Diffusion, DiffusionRequest, Quote } from "./types.js";
import { longer, pauseAfter, sleep, type Wire } from "./wire.js";

export type Status = Diffusion["status"];

export interface Once {
  /** Names the request: sent again with it, it makes and charges nothing new. Default: a random one. */
  idempotencyKey?: string;
  /** Cancel it where it has not been started by then: "90s", "5m", "2h". */
  startWithin?: string;
}

const LONGEST_PREFER_SECONDS = 60;

export class Diffusions {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Ask for pictures. */
  async create(request: DiffusionRequest, { idempotencyKey, startWithin }: Once = {}): Promise<Diffusion> {
    const key = idempotencyKey ?? (await webCrypto()).randomUUID();
    const headers = { "Idempotency-Key": key, ...(startWithin ? { "Cancel-After": startWithin } : {}) };
    return this.#wire.call({ method: "POST", path: "/v1/diffusions", body: request, headers });
  }

  get(id: string): Promise<Diffusion> {
    return this.#wire.call({ method: "GET", path: `/v1/diffusions/${encodeURIComponent(id)}` });
  }

  /**
   * Return when it is over, well or not. Throws WaitTimeout, and what a look throws but for a short 429.
   *
   * pollSeconds: the first pause after a look that the API answers at once, because too many wait; each next one is
   * twice as long, up to 8 seconds.
   */
  async wait(id: string, { seconds = 600, pollSeconds = 1 } = {}): Promise<Required<Pick<Diffusion, "images">> & Diffusion> {
    const until = Date.now() + seconds * 1000;
    let pause = pollSeconds;
    for (;;) {
      const left = (until - Date.now()) / 1000;
      if (left <= 0) throw new WaitTimeout(id, seconds);
      const began = Date.now();
      const found = await this.#look(id, left).catch(pauseAfter);
      const askedFor = typeof found === "number" ? found : 0;
      if (typeof found !== "number" && isOver(found)) return { ...found, images: found.images ?? [] };
      if (!askedFor && Date.now() - began >= pollSeconds * 1000) {
        pause = pollSeconds;
        continue;
      }
      await sleep(Math.min(Math.max(pause, askedFor), Math.max(0, until - Date.now()) / 1000));
      pause = longer(pause);
    }
  }

  cancel(id: string): Promise<Diffusion> {
    return this.#wire.call({ method: "POST", path: `/v1/diffusions/${encodeURIComponent(id)}/cancel`, body: {} });
  }

  async delete(id: string): Promise<void> {
    await this.#wire.call({ method: "DELETE", path: `/v1/diffusions/${encodeURIComponent(id)}` });
  }

  /** The price with its terms; its `quoteId`, sent along with the request, binds it. */
  quote(request: DiffusionRequest): Promise<Quote> {
    return this.#wire.call({ method: "POST", path: "/v1/diffusions/quote", body: request });
  }

  /** All, newest first, page after page. */
  list(query: Record<string, string> = {}): AsyncGenerator<Diffusion> {
    return this.#wire.pages("/v1/diffusions", query);
  }

  /** One look, which may come back only when it is over. */
  #look(id: string, seconds: number): Promise<Diffusion> {
    const wait = Math.min(LONGEST_PREFER_SECONDS, Math.floor(seconds));
    return this.#wire.call({
      method: "GET",
      path: `/v1/diffusions/${encodeURIComponent(id)}`,
      headers: wait > 0 ? { Prefer: `wait=${wait}` } : {},
      extraSeconds: wait,
      isPatient: true,
    });
  }
}

/** Whether it has ended, well or not. */
export function isOver(diffusion: Diffusion): boolean {
  return diffusion.status !== "NEW" && diffusion.status !== "PROCESSING";
}
