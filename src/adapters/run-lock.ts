// One live process a run directory: a lock file names its holder, and a holder that is gone (kill -9, power cut) is taken over. Guards
// against a second engine by mistake, on one host; not a lease between hosts.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface RunLock {
  readonly file: string;
  /** The dead holder whose lock was taken over; null if the directory was free. */
  readonly takenOver: LockHolder | null;
  /** Removes the lock file if it is still ours. */
  release(): void;
}

interface LockHolder {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process; null where the system does not tell. */
  readonly startTicks: string | null;
  readonly bootId: string | null;
  readonly host: string;
}

/** The directory belongs to someone else. `holder` is null if the lock file cannot be read. */
export class RunLockHeld extends Error {
  override readonly name = 'RunLockHeld';
  readonly file: string;
  readonly holder: LockHolder | null;

  constructor(file: string, holder: LockHolder | null, detail: string) {
    super(`${path.dirname(file)} is in use: ${detail}`);
    this.file = file;
    this.holder = holder;
  }
}

export const runLockName = 'run.lock';
const attemptsMax = 5;

/**
 * Takes the lock of a run directory, which is made if it is not there.
 * Fails: RunLockHeld naming the pid of the live holder; the system's error if the directory cannot be written.
 */
export function acquireRunLock(directory: string): RunLock {
  const file = path.join(path.resolve(directory), runLockName);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const own = describeProcess(process.pid);
  const text = `${JSON.stringify(own)}\n`;
  let takenOver: LockHolder | null = null;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    if (place(file, text)) return { file, takenOver, release: () => release(file, text) };
    const found = readLock(file);
    // Released between our attempt and our look.
    if (found === null) continue;
    takenOver = staleHolder(file, found);
    setAside(file, found);
  }
  throw new RunLockHeld(file, null, `${runLockName} kept changing hands; try again`);
}

/** The lock appears with its content, or not at all. */
function place(file: string, text: string): boolean {
  const draft = `${file}.${randomUUID()}`;
  fs.writeFileSync(draft, text);
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function readLock(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** The holder, if it is certainly gone. Fails: RunLockHeld if it lives, or if that cannot be told. */
function staleHolder(file: string, text: string): LockHolder {
  const holder = parseHolder(text);
  if (holder === null)
    throw new RunLockHeld(file, null, `${file} is not a lock of this program; remove it if no engine runs here`);
  if (holder.host !== os.hostname()) {
    const advice = `remove ${file} if that process is gone`;
    throw new RunLockHeld(file, holder, `process ${holder.pid} on host ${holder.host} holds it; ${advice}`);
  }
  if (isAlive(holder)) throw new RunLockHeld(file, holder, `process ${holder.pid} holds it`);
  return holder;
}

/** Takes the stale lock away, and nothing else: should another process have been faster, its lock is put back. */
function setAside(file: string, stale: string): void {
  const aside = `${file}.stale.${randomUUID()}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if (readLock(aside) !== stale) fs.linkSync(aside, file);
  } catch (error) {
    // A third process has it now; the next look finds that one.
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function release(file: string, text: string): void {
  if (readLock(file) === text) fs.rmSync(file, { force: true });
}

function isAlive(holder: LockHolder): boolean {
  if (!answersSignals(holder.pid)) return false;
  const now = describeProcess(holder.pid);
  if (holder.bootId !== null && now.bootId !== null && holder.bootId !== now.bootId) return false;
  // A recycled pid began at another time; a zombie has none.
  return holder.startTicks === null || holder.startTicks === now.startTicks;
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

function describeProcess(pid: number): LockHolder {
  const bootId = readProc('/proc/sys/kernel/random/boot_id');
  return { pid, startTicks: startTicksOf(readProc(`/proc/${pid}/stat`)), bootId, host: os.hostname() };
}

/** Field 22 of /proc/pid/stat, counted after the command name, which may hold anything; null for a zombie. */
function startTicksOf(stat: string | null): string | null {
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

function readProc(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

function parseHolder(text: string): LockHolder | null {
  try {
    const value: unknown = JSON.parse(text);
    return isHolder(value) ? value : null;
  } catch {
    return null;
  }
}

function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTicks, bootId, host } = value as Record<string, unknown>;
  const isTextOrNull = (item: unknown): boolean => item === null || typeof item === 'string';
  return (
    Number.isSafeInteger(pid) &&
    (pid as number) > 0 &&
    isTextOrNull(startTicks) &&
    isTextOrNull(bootId) &&
    typeof host === 'string'
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
