// What an account of MariaDB's plugin ed25519 wants: a signature whose key is the password itself, of any length. Node's
// Ed25519 begins with a seed of 32 bytes, so the curve is computed here. It takes some milliseconds and not always the
// same time, which nobody can measure through a login.

import { createHash } from 'node:crypto';

const P = 2n ** 255n - 19n;
/** The order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * invert(121666n));

/** In extended coordinates: x = X/Z, y = Y/Z, T = XY/Z. */
interface Point {
  readonly X: bigint;
  readonly Y: bigint;
  readonly Z: bigint;
  readonly T: bigint;
}

const ZERO: Point = { X: 0n, Y: 1n, Z: 1n, T: 0n };
const BASE = at(
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
);

/** 64 bytes, as MariaDB's client makes them. */
export function signWithPassword(password: string, message: Buffer): Buffer {
  const hash = sha512(Buffer.from(password));
  const secret = clamp(hash.subarray(0, 32));
  const publicKey = encode(multiply(secret));
  const nonce = toNumber(sha512(hash.subarray(32), message)) % L;
  const commitment = encode(multiply(nonce));
  const challenge = toNumber(sha512(commitment, publicKey, message)) % L;
  return Buffer.concat([commitment, toBytes((nonce + challenge * secret) % L)]);
}

/** What the server keeps of the password, 32 bytes. Exported for tests. */
export function readPublicKey(password: string): Buffer {
  return encode(multiply(clamp(sha512(Buffer.from(password)).subarray(0, 32))));
}

function clamp(bytes: Buffer): bigint {
  const clamped = Buffer.from(bytes);
  clamped[0]! &= 248;
  clamped[31]! = (clamped[31]! & 127) | 64;
  return toNumber(clamped);
}

/** So many times the base point. */
function multiply(times: bigint): Point {
  let sum = ZERO;
  let power = BASE;
  for (let rest = times; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = add(sum, power);
    power = add(power, power);
  }
  return sum;
}

/** The formula that holds for any two points of this curve, also for a point and itself. */
function add(one: Point, other: Point): Point {
  const a = mod((one.Y - one.X) * (other.Y - other.X));
  const b = mod((one.Y + one.X) * (other.Y + other.X));
  const c = mod(2n * D * one.T * other.T);
  const d = mod(2n * one.Z * other.Z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { X: mod(e * f), Y: mod(g * h), Z: mod(f * g), T: mod(e * h) };
}

function at(x: bigint, y: bigint): Point {
  return { X: x, Y: y, Z: 1n, T: mod(x * y) };
}

/** y, with the lowest bit of x in its highest. */
function encode({ X, Y, Z }: Point): Buffer {
  const inverse = invert(Z);
  const bytes = toBytes(mod(Y * inverse));
  if (mod(X * inverse) & 1n) bytes[31]! |= 128;
  return bytes;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function invert(value: bigint): bigint {
  let result = 1n;
  let power = mod(value);
  for (let exponent = P - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * power) % P;
    power = (power * power) % P;
  }
  return result;
}

function sha512(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function toNumber(littleEndian: Buffer): bigint {
  return BigInt(`0x${Buffer.from(littleEndian).reverse().toString('hex')}`);
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}
