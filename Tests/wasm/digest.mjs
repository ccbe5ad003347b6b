// digest.mjs JOURNAL [--module FILE] [--checkpoints N] [--order JSON] [--runs N]
//
// Folds a journal with the WebAssembly engine, from zero and from its checkpoints, and prints one
// JSON object: final digest, SHA-256 of all frames and of all rollups (each followed by a line
// end, as `replay-tool frames` and `replay-tool rollup --fold` print them), and the time of the
// fold. Exit code 1 when a fold from a checkpoint differs from the fold from zero.

import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { Engine, outputKinds } from "./engine.mjs";
import { blockKinds, checkpoints, rawBlocks } from "./journal.mjs";

const batchBytes = 1 << 20;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    module: { type: "string", default: "build/wasm/engine.wasm" },
    checkpoints: { type: "string", default: "20" },
    order: { type: "string" },
    runs: { type: "string", default: "0" },
  },
});

/** Neighbouring blocks put together, so that one call gets several of them. */
function* batches(blocks) {
  let pending = [];
  let size = 0;
  for (const { bytes } of blocks) {
    if (size > 0 && size + bytes.length > batchBytes) {
      yield Buffer.concat(pending);
      pending = [];
      size = 0;
    }
    pending.push(bytes);
    size += bytes.length;
  }
  if (size > 0) yield Buffer.concat(pending);
}

/** Applies `blocks` and hands each output to `take`. */
function fold(engine, blocks, take) {
  for (const batch of batches(blocks)) {
    engine.check(engine.apply(batch), "apply");
    for (const output of engine.takeOutputs()) take(output);
  }
}

function fromZero(engine, blocks) {
  const sums = { frame: createHash("sha256"), rollup: createHash("sha256") };
  const trail = [];
  const totals = { frames: 0, rollups: 0, resyncs: 0 };
  const names = [];
  const lines = [];
  fold(engine, blocks, (output) => {
    trail.push({ sequence: output.sequence, hash: hash(output.bytes) });
    if (output.kind === outputKinds.frame) {
      sums.frame.update(output.bytes).update("\n");
      totals.frames++;
    } else if (output.kind === outputKinds.rollup) {
      // Names are asked for later: the next answer takes the place of these bytes.
      lines.push([output.symbol, output.bytes.toString()]);
      totals.rollups++;
    } else totals.resyncs++;
  });
  for (const [symbol, json] of lines) {
    names[symbol] ??= engine.symbol(symbol);
    sums.rollup.update(`{"symbol":"${names[symbol]}",${json.slice(1)}\n`);
  }
  return {
    trail,
    result: {
      ...totals,
      frames_sha256: sums.frame.digest("hex"),
      rollups_sha256: sums.rollup.digest("hex"),
    },
  };
}

const hash = (bytes) => createHash("sha1").update(bytes).digest("latin1");

/** Folds from `checkpoint` and says where the fold from zero goes another way, if it does. */
function difference(engine, blocks, checkpoint, zero) {
  engine.restore(checkpoint.parts);
  if (engine.sequence !== checkpoint.sequence) return "another sequence";
  const expected = zero.trail.filter((entry) => entry.sequence > checkpoint.sequence);
  let position = 0;
  let problem;
  fold(engine, blocks.slice(checkpoint.next), (output) => {
    const other = expected[position++];
    if (other?.sequence !== output.sequence || other.hash !== hash(output.bytes)) {
      problem ??= `another output at seq ${output.sequence}`;
    }
  });
  if (position !== expected.length) problem ??= `${position} outputs, not ${expected.length}`;
  if (engine.digest !== zero.digest) problem ??= `digest ${engine.digest}`;
  return problem;
}

/** Median milliseconds of folding all events from zero; the blocks lie in the module already. */
function milliseconds(engine, blocks, wantsFrames, runs) {
  const bytes = Buffer.concat(
    blocks.filter((block) => block.kind === blockKinds.events).map((block) => block.bytes));
  const times = [];
  engine.exports.engine_produce_frames(wantsFrames);
  const input = engine.put(bytes);
  for (let run = 0; run < runs; run++) {
    engine.exports.engine_reset();
    const start = process.cpuUsage();
    engine.check(
      engine.exports.engine_apply_block(input, bytes.length, (1n << 63n) - 1n), "apply");
    const used = process.cpuUsage(start);
    times.push((used.user + used.system) / 1000);
  }
  return times.sort((one, two) => one - two)[runs >> 1];
}

const blocks = await rawBlocks(positionals[0]);
const engine = new Engine(options.module);
const zero = fromZero(engine, blocks);
zero.digest = engine.digest;
const result = {
  digest: zero.digest,
  sequence: Number(engine.sequence),
  blocks: blocks.length,
  ...zero.result,
  state: engine.state(10),
};
if (options.order) result.execution = engine.execute(JSON.parse(options.order));

const all = checkpoints(blocks);
const step = Math.max(1, Math.ceil(all.length / Number(options.checkpoints)));
const chosen = all.filter((_, index) => (all.length - 1 - index) % step === 0);
result.checkpoints = { stored: all.length, folded: chosen.length, differences: [] };
for (const checkpoint of chosen) {
  const problem = difference(engine, blocks, checkpoint, zero);
  if (problem) result.checkpoints.differences.push(`seq ${checkpoint.sequence}: ${problem}`);
}
if (Number(options.runs) > 0) {
  result.fold_ms = milliseconds(engine, blocks, 0, Number(options.runs));
  result.fold_frames_ms = milliseconds(engine, blocks, 1, Number(options.runs));
}
result.memory_mib = engine.memoryBytes / (1 << 20);
console.log(JSON.stringify(result));
process.exit(result.checkpoints.differences.length > 0 ? 1 : 0);
