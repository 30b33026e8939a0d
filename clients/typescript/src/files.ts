/** Pictures that requests begin from, under /v1/files: sent once, named by their `id` as often as needed. */

import type { SentFile } from "./types.js";
import type { Wire } from "./wire.js";

export class Files {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Send a PNG, JPEG or WebP; the same again is answered with the first's id. */
  upload(content: Blob, { name = "picture", kind }: { name?: string; kind?: "picture" | "mask" } = {}): Promise<SentFile> {
    const form = new FormData();
    form.set("file", content, name);
    if (kind) form.set("kind", kind);
    return this.#wire.call({ method: "POST", path: "/v1/files", form });
  }

  /** All, newest first, page after page: what came along with a request is among them. */
  list(query: Record<string, string> = {}): AsyncGenerator<SentFile> {
    return this.#wire.pages("/v1/files", query);
  }

  /** One of them, with a link that works for a while. */
  get(id: string): Promise<SentFile> {
    return this.#wire.call({ method: "GET", path: `/v1/files/${encodeURIComponent(id)}` });
  }

  /** Delete it; what was made from it stays. */
  async delete(id: string): Promise<void> {
    await this.#wire.call({ method: "DELETE", path: `/v1/files/${encodeURIComponent(id)}` });
  }
}
