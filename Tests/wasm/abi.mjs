// abi.mjs JOURNAL [--module FILE] [--damages N]: what the exports promise beside the digest.
// Steps, seeks, order errors, blocks in a wrong order, and damaged bytes, which must be answered
// with a status: a trap would end the page's engine.

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Engine } from "./engine.mjs";
import { blockKinds, checkpoints, rawBlocks } from "./journal.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    module: { type: "string", default: "build/wasm/engine.wasm" },
    damages: { type: "string", default: "2000" },
  },
});

const blocks = await rawBlocks(positionals[0]);
const events = blocks.filter((block) => block.kind === blockKinds.events);
const newest = events.at(-1).firstSequence + BigInt(events.at(-1).count) - 1n;
const engine = new Engine(options.module);
const { exports } = engine;

// Event by event equals all at once; a target behind the state changes nothing.
engine.check(engine.apply(events[0].bytes, 100n), "apply");
const hundred = engine.digest;
assert.equal(engine.sequence, 100n);
exports.engine_reset();
for (let last = 1n; last <= 100n; last++) engine.check(engine.apply(events[0].bytes, last), "step");
assert.equal(engine.digest, hundred);
engine.check(engine.apply(events[0].bytes, 7n), "back");
assert.equal(engine.digest, hundred);

// A loaded block is advanced by sequence and by time.
exports.engine_reset();
engine.check(
  exports.engine_load_block(engine.put(events[0].bytes), events[0].bytes.length), "load");
assert.equal(engine.sequence, 0n);
exports.engine_advance(60n);
const time = engine.time;
exports.engine_advance_to_time(time);
const sameTime = engine.sequence;
assert.ok(sameTime >= 60n && engine.time === time);
exports.engine_advance_to_time(time - 1n);
assert.equal(engine.sequence, sameTime);
exports.engine_advance(100n);
assert.equal(engine.digest, hundred);
exports.engine_advance_to_time((1n << 63n) - 1n);
assert.equal(engine.sequence, BigInt(events[0].count));

// Without frames the state is the same and no frame comes out.
engine.takeOutputs();
exports.engine_produce_frames(0);
exports.engine_reset();
engine.check(engine.apply(Buffer.concat(blocks.map((block) => block.bytes))), "all");
assert.equal(engine.sequence, newest);
assert.ok(engine.takeOutputs().every((output) => output.kind !== 1));
const end = engine.digest;
exports.engine_produce_frames(1);

// Orders: each wrong argument has its number.
const order = { symbol: "NONE", side: "buy", notional: "1000" };
assert.equal(engine.execute(order), 201);
assert.equal(engine.execute({ ...order, colour: "red" }), 221);
assert.equal(engine.execute({ ...order, symbol: "" }), 222);
assert.equal(engine.execute({ ...order, side: "long" }), 223);
assert.equal(engine.execute({ ...order, notional: "much" }), 224);
assert.equal(engine.execute({ ...order, venue: "nowhere" }), 225);
assert.equal(engine.execute({ ...order, fees: "binance" }), 226);
const symbol = engine.symbol(0);
assert.equal(engine.execute({ ...order, symbol, notional: "0" }), 203);
assert.equal(engine.execute({ ...order, symbol, notional: "1000000001" }), 203);
assert.equal(exports.engine_symbol(99999), 5);
assert.equal(engine.digest, end);

// What the caller does wrong.
assert.equal(exports.engine_commit_checkpoint(), 3);
exports.engine_reset();
if (events.length > 1) assert.equal(engine.apply(events[1].bytes), 1);
assert.equal(engine.apply(events[0].bytes.subarray(0, 47)), 10);
assert.equal(engine.apply(events[0].bytes.subarray(0, -1)), 10);
const unknown = Buffer.from(events[0].bytes);
unknown.writeUInt16LE(77, 6);
assert.equal(engine.apply(unknown), 0);
unknown.writeUInt16LE(2, 4);
assert.equal(engine.apply(unknown), 13);
unknown.writeUInt32LE(0xffffffff, 0);
assert.equal(engine.apply(unknown), 150 + 1);
assert.equal(engine.sequence, 0n);

// Damaged bytes: a status or another state, never a trap. (Real ones have checksums before.)
let seed = 1;
const below = (limit) => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % limit;
const traps = {};
let refused = 0;
let victim = new Engine(options.module);
victim.exports.engine_produce_frames(0);
const checkpoint = checkpoints(blocks)[0];

function damage(bytes, what, act) {
  const copy = Buffer.from(bytes);
  // Mostly the head and the lengths behind it: that is where counts are.
  const at = below(2) ? below(Math.min(160, copy.length)) : below(copy.length);
  const width = 1 + below(4);
  const value = [0, 255, 128, below(256)][below(4)];
  for (let index = at; index < Math.min(at + width, copy.length); index++) copy[index] = value;
  try {
    if (act(copy) !== 0) refused++;
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    const key = `${what} at ${at < 160 ? at : "160…"}`;
    traps[key] = (traps[key] ?? 0) + 1;
    victim = new Engine(options.module);
    victim.exports.engine_produce_frames(0);
  }
}

for (let round = 0; round < Number(options.damages); round++) {
  damage(events[0].bytes, "events", (bytes) => {
    victim.exports.engine_reset();
    const status = victim.apply(bytes);
    victim.takeOutputs();
    return status;
  });
  if (!checkpoint) continue;
  damage(checkpoint.parts[0], "checkpoint", (bytes) => {
    victim.exports.engine_reset();
    const { exports } = victim;
    const status = exports.engine_load_checkpoint(victim.put(bytes), bytes.length);
    return status !== 0 ? status : exports.engine_commit_checkpoint();
  });
}
console.log(`abi: steps, seeks, orders and errors as promised; ${refused} damages refused, `
  + `${Object.values(traps).reduce((sum, count) => sum + count, 0)} traps `
  + `${JSON.stringify(traps)}, ${victim.memoryBytes / (1 << 20)} MiB`);
process.exit(Object.keys(traps).length > 0 ? 1 : 0);
