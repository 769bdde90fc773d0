// The codes of an authenticator (RFC 6238): six digits, of half a minute each.

import { createHmac } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/// The code of a secret in base32, now or so many steps later. The server takes the neighbours of
/// the present one too, and each only once.
export function totp(secret, later = 0) {
  const bits = [...secret].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + later));
  const digest = createHmac('sha1', key).update(step).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}
