// runtime.mjs [FILE]: the pages of C against BigInt (128-bit numbers) and against a model of
// memory (no overlap, no lost byte, no growth without end).

import { readFileSync } from "node:fs";
import assert from "node:assert/strict";

const path = process.argv[2] ?? "build/wasm/runtime.wasm";
const c = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path))).exports;

/** The same numbers in each run. */
let seed = 0x9e3779b97f4a7c15n;
function random64() {
  seed ^= (seed << 13n) & 0xffffffffffffffffn;
  seed ^= seed >> 7n;
  seed ^= (seed << 17n) & 0xffffffffffffffffn;
  return seed;
}
const below = (limit) => Number(random64() % BigInt(limit));
const view = () => new DataView(c.memory.buffer);

/** Where posix_memalign writes its answer: the far end of the stack, which this never reaches. */
const slot = 16;

function allocate(count, alignment = 16) {
  assert.equal(c.posix_memalign(slot, alignment, count), 0);
  return view().getUint32(slot, true);
}

// 1. Numbers.

const result = allocate(16);
const mask = (1n << 64n) - 1n;
function call(name, ...values) {
  c[name](result, ...values);
  return view().getBigUint64(result, true) | (view().getBigUint64(result + 8, true) << 64n);
}
const halves = (value) => [value & mask, (value >> 64n) & mask];
const signed = (value) => BigInt.asIntN(128, value);
const unsigned = (value) => BigInt.asUintN(128, value);

const edges = [0n, 1n, 2n, 10n, (1n << 32n) - 1n, 1n << 32n, 1n << 63n, mask, 1n << 64n,
  (1n << 64n) + 1n, mask << 64n, 1n << 127n, (1n << 127n) - 1n, (1n << 128n) - 1n];
const number = () => below(4) === 0 ? edges[below(edges.length)]
  : (random64() << 64n | random64()) >> BigInt(below(128));

let numbers = 0;
for (let round = 0; round < 200_000; round++) {
  const a = number();
  const b = number();
  const by = below(128);
  const pair = [...halves(a), ...halves(b)];
  assert.equal(call("__multi3", ...pair), unsigned(a * b));
  assert.equal(call("__ashlti3", ...halves(a), by), unsigned(a << BigInt(by)));
  assert.equal(call("__lshrti3", ...halves(a), by), a >> BigInt(by));
  assert.equal(call("__ashrti3", ...halves(a), by), unsigned(signed(a) >> BigInt(by)));
  numbers += 4;
  if (b === 0n) continue;
  assert.equal(call("__udivti3", ...pair), a / b, `${a} / ${b}`);
  assert.equal(call("__umodti3", ...pair), a % b, `${a} % ${b}`);
  assert.equal(call("__divti3", ...pair), unsigned(signed(a) / signed(b)));
  assert.equal(call("__modti3", ...pair), unsigned(signed(a) % signed(b)));
  numbers += 4;
}

// 2. Bytes.

const field = allocate(1024);
for (let round = 0; round < 20_000; round++) {
  const memory = new Uint8Array(c.memory.buffer, field, 1024);
  for (let index = 0; index < 1024; index += 7) memory[index] = below(256);
  const [from, to, count] = [below(512), below(512), below(below(2) ? 20 : 512)];
  const expected = Uint8Array.from(memory);
  expected.copyWithin(to, from, from + count);
  c.memmove(field + to, field + from, count);
  assert.ok(Buffer.compare(memory, expected) === 0, `memmove ${from} ${to} ${count}`);
  const order = Buffer.compare(
    memory.subarray(from, from + count), memory.subarray(to, to + count));
  assert.equal(Math.sign(c.memcmp(field + from, field + to, count)), order);
}

// 3. Memory: random sizes and alignments come and go; each keeps its bytes while it lives.

const live = [];
let pages = 0;
for (let round = 0; round < 400_000; round++) {
  if (live.length > 0 && below(2000) < live.length) {
    const [it] = live.splice(below(live.length), 1);
    const memory = new Uint8Array(c.memory.buffer, it.start, it.count);
    assert.ok(memory[0] === it.mark && memory[it.count - 1] === it.mark, "bytes were lost");
    c.free(it.start);
  } else {
    const count = 1 + below(1 << (1 + below(15)));
    const alignment = [16, 16, 16, 4, 8, 64, 4096][below(7)];
    const start = allocate(count, alignment);
    assert.equal(start % Math.max(alignment, 16), 0);
    const mark = below(256);
    c.memset(start, mark, count);
    live.push({ start, count, mark });
  }
  if (round === 200_000) pages = c.memory.buffer.byteLength / 65536;
}
live.sort((one, two) => one.start - two.start);
for (let index = 1; index < live.length; index++) {
  assert.ok(live[index - 1].start + live[index - 1].count <= live[index].start, "overlap");
}
const grown = c.memory.buffer.byteLength / 65536 - pages;
assert.ok(grown <= pages / 10, `memory grew from ${pages} pages by ${grown}`);
for (const it of live) c.free(it.start);
const before = c.memory.buffer.byteLength;
allocate(before - (1 << 20) - 65536); // Joined again: one chunk, beside the stack of 1 MiB.
assert.equal(c.memory.buffer.byteLength, before, "freed chunks did not join");
assert.notEqual(c.posix_memalign(slot, 16, 0x7ffffff0), 0, "more than there is");

console.log(`runtime: ${numbers} numbers, 20000 moves, 400000 allocations and frees, `
  + `${before / 65536} pages: equal`);
