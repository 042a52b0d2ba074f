// Goal: a run directory has one live holder, and a dead one never blocks. Method: real children that hold, exit and are killed, and lock files
// as another process, boot or host would have left them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { acquireRunLock, RunLockHeld, runLockName } from '#adapters/run-lock.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function temporaryDirectory(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bot4-lock-'));
  cleanups.push(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A process that takes the lock, says so, and stays. */
async function holder(directory: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'lock-child.ts'), directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  await once(child.stdout!, 'data');
  return child;
}

const refusal = (directory: string): RunLockHeld => {
  try {
    acquireRunLock(directory);
  } catch (error) {
    expect(error).toBeInstanceOf(RunLockHeld);
    return error as RunLockHeld;
  }
  throw new Error('was taken');
};
const lockFile = (directory: string): string => path.join(directory, runLockName);

test('taken, refused to a second, released, taken again', () => {
  const directory = path.join(temporaryDirectory(), 'run');
  const lock = acquireRunLock(directory);
  expect(lock).toMatchObject({ file: lockFile(directory), takenOver: null });
  expect(refusal(directory)).toMatchObject({ holder: { pid: process.pid } });
  expect(fs.readdirSync(directory)).toEqual([runLockName]);
  lock.release();
  lock.release();
  expect(fs.readdirSync(directory)).toEqual([]);
  acquireRunLock(directory).release();
});

test('a live process is named; when it has ended in order the directory is free', async () => {
  const directory = temporaryDirectory();
  const child = await holder(directory);
  const error = refusal(directory);
  expect(error.message).toContain(`process ${child.pid} holds it`);
  expect(error.message).toContain(directory);
  child.stdin!.end();
  await once(child, 'exit');
  expect(acquireRunLock(directory).takenOver).toBeNull();
}, 15_000);

test('after kill -9 the lock is taken over, and that is reported', async () => {
  const directory = temporaryDirectory();
  const child = await holder(directory);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = acquireRunLock(directory);
  expect(lock.takenOver).toMatchObject({ pid: child.pid, host: os.hostname() });
  expect(fs.readdirSync(directory)).toEqual([runLockName]);
  lock.release();
  expect(fs.existsSync(lockFile(directory))).toBe(false);
}, 15_000);

test.skipIf(!fs.existsSync('/proc/self/stat'))(
  'a zombie is dead, though its pid still answers (skipped without /proc)',
  async () => {
    const directory = temporaryDirectory();
    // The child of a process that never waits for it.
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(() => parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(String(line));
    const stat = (): string[] => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ');
    while (stat()[0] !== 'Z') await new Promise((resolve) => setImmediate(resolve));
    const holder = { pid, startTicks: stat()[19], bootId: null, host: os.hostname() };
    fs.writeFileSync(lockFile(directory), JSON.stringify(holder));
    expect(acquireRunLock(directory).takenOver).toEqual(holder);
  },
);

test('a lock that is no longer ours is not removed', () => {
  const directory = temporaryDirectory();
  const lock = acquireRunLock(directory);
  fs.writeFileSync(lockFile(directory), 'someone else');
  lock.release();
  expect(fs.readFileSync(lockFile(directory), 'utf8')).toBe('someone else');
});

describe('a lock file that was found', () => {
  /** What this very process would have written. */
  const own = (() => {
    const directory = temporaryDirectory();
    const lock = acquireRunLock(directory);
    const text = fs.readFileSync(lock.file, 'utf8');
    lock.release();
    return JSON.parse(text) as Record<string, unknown>;
  })();
  const found = (change: Record<string, unknown>): string => {
    const directory = temporaryDirectory();
    fs.writeFileSync(lockFile(directory), JSON.stringify({ ...own, ...change }));
    return directory;
  };
  const knowsStarts = own['startTicks'] !== null;

  test.skipIf(!knowsStarts)('of a recycled pid is stale (skipped without /proc)', () => {
    expect(acquireRunLock(found({ startTicks: '1' })).takenOver).toMatchObject({ pid: process.pid, startTicks: '1' });
  });

  test.skipIf(!knowsStarts)(
    'of an earlier boot is stale, even with the same pid and start (skipped without /proc)',
    () => {
      expect(acquireRunLock(found({ bootId: 'another' })).takenOver).toMatchObject({ bootId: 'another' });
    },
  );

  test('without a start time is live as long as its pid is', () => {
    expect(refusal(found({ startTicks: null }))).toMatchObject({ holder: { pid: process.pid } });
  });

  test('of another host is never taken over: nothing tells here whether it lives', () => {
    const directory = found({ host: 'elsewhere', pid: 1 });
    expect(refusal(directory).message).toContain(`process 1 on host elsewhere holds it; remove ${lockFile(directory)}`);
  });

  test.each([
    ['empty', ''],
    ['no JSON', 'hello'],
    ['no object', '5'],
    ['null', 'null'],
    ['without pid', JSON.stringify({ ...own, pid: undefined })],
    ['with a pid of 0', JSON.stringify({ ...own, pid: 0 })],
    ['without host', JSON.stringify({ ...own, host: undefined })],
    ['with a number for its start', JSON.stringify({ ...own, startTicks: 5 })],
  ])('that is %s is not ours to remove', (_, text) => {
    const directory = temporaryDirectory();
    fs.writeFileSync(lockFile(directory), text);
    expect(refusal(directory)).toMatchObject({ holder: null });
    expect(refusal(directory).message).toContain('is not a lock of this program');
    expect(fs.readFileSync(lockFile(directory), 'utf8')).toBe(text);
  });

  test('that is a directory is an error of the system', () => {
    const directory = temporaryDirectory();
    fs.mkdirSync(lockFile(directory));
    expect(() => acquireRunLock(directory)).toThrow('EISDIR');
  });
});

describe('between our look and our move', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const staleText = (): string =>
    JSON.stringify({ pid: 2 ** 22 + 1, startTicks: '1', bootId: null, host: os.hostname() });
  /** A lock that a live process holds: this one's parent. */
  const liveText = (): string =>
    JSON.stringify({ pid: process.ppid, startTicks: null, bootId: null, host: os.hostname() });
  /** A directory with a dead lock, to which something happens just before it is set aside. */
  const interrupted = (happens: (file: string) => void): string => {
    const directory = temporaryDirectory();
    fs.writeFileSync(lockFile(directory), staleText());
    const rename = fs.renameSync;
    vi.spyOn(fs, 'renameSync').mockImplementationOnce((from, to) => {
      happens(lockFile(directory));
      rename(from, to);
    });
    return directory;
  };

  test('another took the dead lock over: its lock is put back and respected', () => {
    const directory = interrupted((file) => fs.writeFileSync(file, liveText()));
    expect(refusal(directory)).toMatchObject({ holder: { pid: process.ppid } });
    expect(fs.readFileSync(lockFile(directory), 'utf8')).toBe(liveText());
    expect(fs.readdirSync(directory)).toEqual([runLockName]);
  });

  test('another took it and a third came: the third is found', () => {
    const directory = interrupted((file) => {
      fs.writeFileSync(file, 'taken by another');
      const link = fs.linkSync;
      vi.spyOn(fs, 'linkSync').mockImplementationOnce((from, to) => {
        fs.writeFileSync(to, liveText());
        link(from, to);
      });
    });
    expect(refusal(directory)).toMatchObject({ holder: { pid: process.ppid } });
    expect(fs.readdirSync(directory)).toEqual([runLockName]);
  });

  test('the dead lock was cleared away: it is simply taken', () => {
    const directory = interrupted((file) => fs.rmSync(file));
    const lock = acquireRunLock(directory);
    expect(JSON.parse(fs.readFileSync(lock.file, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  test('the holder let go: it is simply taken', () => {
    const directory = temporaryDirectory();
    fs.writeFileSync(lockFile(directory), liveText());
    const readNow = fs.readFileSync.bind(fs);
    vi.spyOn(fs, 'readFileSync').mockImplementation(((file: string, options: 'utf8') => {
      if (file === lockFile(directory)) fs.rmSync(file, { force: true });
      return readNow(file, options);
    }) as typeof fs.readFileSync);
    const lock = acquireRunLock(directory);
    vi.restoreAllMocks();
    expect(JSON.parse(fs.readFileSync(lock.file, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  test('it changes hands again and again: given up after some attempts', () => {
    const directory = temporaryDirectory();
    vi.spyOn(fs, 'linkSync').mockImplementation(() => {
      throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    });
    expect(refusal(directory).message).toContain('kept changing hands');
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  test.each(['linkSync', 'renameSync'] as const)('any other failure of %s is the system’s to tell', (call) => {
    const directory = temporaryDirectory();
    fs.writeFileSync(lockFile(directory), staleText());
    if (call === 'linkSync') fs.rmSync(lockFile(directory));
    vi.spyOn(fs, call).mockImplementation(() => {
      throw Object.assign(new Error('EROFS: injected'), { code: 'EROFS' });
    });
    expect(() => acquireRunLock(directory)).toThrow('EROFS');
  });
});

test('of many that find a dead lock at once, one gets it', async () => {
  const directory = temporaryDirectory();
  const dead = await holder(directory);
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [path.join(import.meta.dirname, 'lock-child.ts'), directory], {
      stdio: ['pipe', 'pipe', 'ignore'],
    }),
  );
  cleanups.push(...children.map((child) => () => void child.kill('SIGKILL')));
  const outcomes = await Promise.all(
    children.map((child) =>
      Promise.race([once(child.stdout!, 'data').then(() => 'held'), once(child, 'exit').then(() => 'refused')]),
    ),
  );
  expect(outcomes.toSorted()).toEqual(['held', 'refused', 'refused', 'refused']);
}, 15_000);
