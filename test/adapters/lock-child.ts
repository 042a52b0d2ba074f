// Takes the run lock of its first argument, says so, and holds it until its input ends. Fails as the lock does.
import { acquireRunLock } from '#adapters/run-lock.ts';

const lock = acquireRunLock(process.argv[2]!);
process.stdout.write('held\n');
process.stdin.resume().on('end', () => lock.release());
