// `npm run bench -- soak`: the program at full demo load, its resident memory as a series: below 300 MB, and flat after a warm-up.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './measure.ts';

const sampleEveryMs = 10_000;
const residentMbMax = 300;
const driftMax = 0.05;
/** The first third is warm-up: the heap settles, the journal's first snapshots are taken. */
const warmUpShare = 1 / 3;

/** Exit code: 0 within the bounds. */
export async function soak(minutes: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'bot4-soak-'));
  const main = join(import.meta.dirname, '../../src/cli/main.ts');
  const child = spawn(process.execPath, [main, 'paper', '--run', directory, '--port', '0', '--json'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const samples: number[] = [];
  const endMs = Date.now() + minutes * 60_000;
  while (Date.now() < endMs && child.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, sampleEveryMs));
    const megabytes = residentMb(child);
    if (megabytes === null) break;
    samples.push(megabytes);
    process.stdout.write(`${String(samples.length * 10).padStart(6)} s  ${megabytes.toFixed(1)} MB\n`);
  }
  const alive = child.exitCode === null;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  if (alive) await ended;
  rmSync(directory, { recursive: true, force: true });
  return verdict(samples, alive);
}

function residentMb({ pid }: ChildProcess): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1_024;
  } catch {
    return null;
  }
}

function verdict(samples: readonly number[], alive: boolean): number {
  const steady = samples.slice(Math.floor(samples.length * warmUpShare));
  const half = steady.length >> 1;
  const before = median(steady.slice(0, half));
  const after = median(steady.slice(half));
  const drift = after / before - 1;
  const peak = Math.max(...steady);
  const ok = alive && peak < residentMbMax && drift <= driftMax;
  process.stdout.write(
    `steady ${before.toFixed(1)} MB, then ${after.toFixed(1)} MB (${(drift * 100).toFixed(1)}%, limit 5%), peak ${peak.toFixed(1)} MB, limit ${residentMbMax} MB: ${ok ? 'ok' : 'FAILED'}\n`,
  );
  return ok ? 0 : 1;
}
