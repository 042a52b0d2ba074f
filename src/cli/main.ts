#!/usr/bin/env node
// The program `bot4`: words in, exit code out. The one place that touches the process.
import { parseArguments, usageExitCode } from './arguments.ts';
import type { CommandIo } from './io.ts';

/** Errors that say everything in their message; any other one is a bug and shows its stack. */
const clearErrors = new Set([
  'InputError', 'ConfigError', 'CaptureError', 'VenueFault', 'RunLockHeld', 'JournalFault', 'JournalRefused', 'JournalCorruption',
  'SpecError', 'RangeError', 'ControlFault', 'PortInUse',
]); // biome-ignore format: a list
const failedExitCode = 1;
const bugExitCode = 70;

const io: CommandIo = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true && process.stdin.isTTY === true,
  columns: () => process.stdout.columns ?? 80,
  rows: () => process.stdout.rows ?? 24,
  env: process.env,
};

/** A reader that goes away (`| head`) ends the program quietly. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const parsed = parseArguments(words);
  if (parsed.kind === 'print') {
    io.stdout(parsed.text);
    return 0;
  }
  if (parsed.kind === 'error') {
    io.stderr(`${parsed.message}\n`);
    return usageExitCode;
  }
  try {
    const body = await parsed.command.load();
    return await body.run(parsed.options as never, io);
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  if (error instanceof Error && (clearErrors.has(error.name) || systemCode(error) !== null)) {
    io.stderr(`bot4: ${error.message}\n`);
    return failedExitCode;
  }
  io.stderr(
    `bot4: this is a bug, please report it\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return bugExitCode;
}

/** The operating system's own word for what went wrong, such as ENOSPC. */
function systemCode(error: Error): string | null {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}
