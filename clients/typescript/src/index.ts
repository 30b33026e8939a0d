/** The official TypeScript client of the getimg API. */

import { Diffusions } from "./diffusions.js";
import { Files } from "./files.js";
import type { Account, Model, Usage } from "./types.js";
import { type Options, Wire } from "./wire.js";

export { isOver, type Once, type Status } from "./diffusions.js";
export { APIError, ConnectionFailed, type Problem, WaitTimeout } from "./errors.js";
export type * from "./types.js";
export { type Message, verifyWebhook, WebhookRefused } from "./webhooks.js";
export { type Options } from "./wire.js";

/** A connection to the API; keep one and use it for everything. */
export class Getimg {
  readonly diffusions: Diffusions;
  readonly files: Files;
  readonly #wire: Wire;

  constructor(options: Options) {
    this.#wire = new Wire(options);
    this.diffusions = new Diffusions(this.#wire);
    this.files = new Files(this.#wire);
  }

  /** The models with their limits, defaults and prices. */
  async models(): Promise<Model[]> {
    const { models } = await this.#wire.call<{ models: Model[] }>({ method: "GET", path: "/v1/models" });
    return models;
  }

  /** The balance and the key's limits. */
  account(): Promise<Account> {
    return this.#wire.call({ method: "GET", path: "/v1/account" });
  }

  /** What was made and spent, by day, model or key. */
  usage(query: Record<string, string> = {}): Promise<Usage> {
    return this.#wire.call({ method: "GET", path: "/v1/usage", query });
  }
}
