// A journal folder as raw blocks: `zstd -dc` of each sealed segment drops the skippable frames,
// and the raw blocks that remain delimit themselves (docs/journal-format.md, part II).

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";

const headBytes = 48;
export const blockKinds = { events: 1, checkpoint: 2 };

async function decompressed(path) {
  const child = spawn("zstd", ["-dcq", "--long=23", "--", path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const pieces = [];
  for await (const piece of child.stdout) pieces.push(piece);
  if ((await ended) !== 0) throw new Error(`${path}: not a sealed segment (zstd -dc fails)`);
  return Buffer.concat(pieces);
}

/** All raw blocks of a journal in order: the bytes and what stands in the head. */
export async function rawBlocks(folder) {
  const blocks = [];
  for (const name of readdirSync(folder).filter((name) => /^\d{20}\.zst$/.test(name)).sort()) {
    const bytes = await decompressed(join(folder, name));
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUInt32LE(at);
      if (length < headBytes || at + length > bytes.length) {
        throw new Error(`${name}: a raw block of ${length} bytes at ${at}`);
      }
      blocks.push({
        bytes: bytes.subarray(at, at + length),
        kind: bytes.readUInt16LE(at + 6),
        firstSequence: bytes.readBigUInt64LE(at + 8),
        count: bytes.readUInt32LE(at + 16),
        part: bytes.readUInt32LE(at + 20),
      });
      at += length;
    }
  }
  return blocks;
}

/** The complete checkpoints: their sequence, parts, and the index of the block behind them. */
export function checkpoints(blocks) {
  const found = [];
  let parts = [];
  for (const [index, block] of blocks.entries()) {
    if (block.kind !== blockKinds.checkpoint) continue;
    if (block.part === 0) parts = [];
    parts.push(block.bytes);
    if (parts.length === block.count) {
      found.push({ sequence: block.firstSequence, parts, next: index + 1 });
    }
  }
  return found;
}
