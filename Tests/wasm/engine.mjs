// The engine module as a host sees it: bytes in, bytes out. The ABI is described in
// Sources/EngineWasm/Exports.swift.

import { readFileSync } from "node:fs";

const recordBytes = 40;
export const outputKinds = { frame: 1, rollup: 2, resync: 3 };

/** One instance of the module, and an input buffer that grows with what it is handed. */
export class Engine {
  constructor(path) {
    const module = new WebAssembly.Module(readFileSync(path));
    const imports = WebAssembly.Module.imports(module);
    if (imports.length > 0) throw new Error(`imports: ${JSON.stringify(imports)}`);
    this.exports = new WebAssembly.Instance(module).exports;
    this.input = 0;
    this.inputCapacity = 0;
  }

  /** Copies `bytes` into the module and returns where they lie. */
  put(bytes) {
    if (bytes.length > this.inputCapacity) {
      this.exports.engine_free(this.input);
      this.inputCapacity = Math.max(bytes.length, 1 << 20);
      this.input = this.exports.engine_allocate(this.inputCapacity);
    }
    new Uint8Array(this.exports.memory.buffer, this.input, bytes.length).set(bytes);
    return this.input;
  }

  check(status, what) {
    if (status !== 0) throw new Error(`${what}: status ${status} after seq ${this.sequence}`);
  }

  get sequence() { return BigInt.asUintN(64, this.exports.engine_sequence()); }
  get time() { return this.exports.engine_time(); }
  get memoryBytes() { return this.exports.memory.buffer.byteLength; }

  get digest() {
    const target = this.put(new Uint8Array(32));
    this.exports.engine_digest(target);
    return Buffer.from(this.exports.memory.buffer, target, 32).toString("latin1");
  }

  /** A view of the last answer, good until the next call. */
  get answer() {
    const start = this.exports.engine_answer();
    return Buffer.from(this.exports.memory.buffer, start, this.exports.engine_answer_count());
  }

  apply(bytes, last = (1n << 63n) - 1n) {
    return this.exports.engine_apply_block(this.put(bytes), bytes.length, last);
  }

  /** Replaces the state by the one of a checkpoint. */
  restore(parts) {
    for (const part of parts) {
      this.check(
        this.exports.engine_load_checkpoint(this.put(part), part.length), "checkpoint part");
    }
    this.check(this.exports.engine_commit_checkpoint(), "checkpoint");
  }

  /** Outputs since the last call: kind, symbol, window, sequence, time and a view of the bytes. */
  takeOutputs() {
    const count = this.exports.engine_take_outputs();
    const answer = this.answer;
    const outputs = new Array(count);
    for (let index = 0; index < count; index++) {
      const at = index * recordBytes;
      const start = answer.readUInt32LE(at + 32);
      outputs[index] = {
        kind: answer.readUInt32LE(at),
        symbol: answer.readInt32LE(at + 4),
        windowBps: answer.readUInt32LE(at + 8),
        sequence: answer.readBigUInt64LE(at + 16),
        time: answer.readBigInt64LE(at + 24),
        bytes: answer.subarray(start, start + answer.readUInt32LE(at + 36)),
      };
    }
    return outputs;
  }

  state(levels) {
    this.exports.engine_state(levels);
    return this.answer.toString();
  }

  /** The answer to an order, or its status as a number. */
  execute(order) {
    const text = Buffer.from(
      Object.entries(order).map(([key, value]) => `${key}=${value}\n`).join(""));
    const status = this.exports.engine_execute(this.put(text), text.length);
    return status === 0 ? this.answer.toString() : status;
  }

  symbol(index) {
    this.check(this.exports.engine_symbol(index), "symbol");
    return this.answer.toString();
  }
}
