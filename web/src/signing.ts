// Signing in the browser: the key is read from a file, used, and forgotten.
import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha512";

// Not the browser's own: that one is there only where the page came encrypted or from the machine
// itself, and a desk of last resort may be reached by neither.
ed.etc.sha512Sync = (...parts) => sha512(ed.etc.concatBytes(...parts));

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g)!.map((pair) => parseInt(pair, 16)));
const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// A key file as `okiagari key` makes it, lines of `name = value`; one that is sealed with a
// passphrase signs on the command line only.
export function seedOf(text: string): Uint8Array | "sealed" | null {
  const value = (name: string) => new RegExp(`^\\s*${name}\\s*=\\s*"?([^"\\s]*)"?`, "m").exec(text)?.[1];
  if (value("okiagari_key") !== "1") return null;
  if (value("sealed") === "true") return "sealed";
  const seed = value("seed") ?? "";
  return /^[0-9a-f]{64}$/i.test(seed) ? bytesOf(seed) : null;
}

function sign(message: Uint8Array, seed: Uint8Array): string {
  const signature = hexOf(ed.sign(message, seed));
  seed.fill(0);
  return signature;
}
export const signDigest = (digest: string, seed: Uint8Array): string => sign(bytesOf(digest), seed);
// What gateways read is signed as it is, not its digest.
export const signText = (text: string, seed: Uint8Array): string => sign(new TextEncoder().encode(text), seed);
