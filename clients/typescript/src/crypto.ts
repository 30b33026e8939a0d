/** Web Crypto. Node has it as a global only since Node 19. */

// In a variable: who bundles for browsers has no such module.
const NODE = "node:crypto";

export async function webCrypto(): Promise<Crypto> {
  return globalThis.crypto ?? ((await import(NODE)) as { webcrypto: Crypto }).webcrypto;
}
