// Goal: a caller is answered by a flush that began after it asked, at most one flush runs, and callers share. Method: random orders of
// requests and completions, each flush noting what was there when it began.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GroupSync } from '#journal/group-sync.ts';

test('any order of requests and completions, with failures', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('write', 'ask', 'finish', 'fail', 'turn'), { maxLength: 40 }),
      async (steps) => {
        let written = 0;
        let durable = 0;
        let running = 0;
        let begun = 0;
        let lastFailed = 0;
        const ends: ((fails: boolean) => void)[] = [];
        const group = new GroupSync(async () => {
          expect(running).toBe(0);
          running += 1;
          begun += 1;
          const self = begun;
          const through = written;
          const fails = await new Promise<boolean>((resolve) => ends.push(resolve));
          running -= 1;
          if (fails) {
            lastFailed = self;
            throw new Error('flush');
          }
          durable = Math.max(durable, through);
        });
        const answers: Promise<void>[] = [];
        const ask = (): void => {
          const needed = written;
          const before = begun;
          const isDurable = (): void => expect(durable).toBeGreaterThanOrEqual(needed);
          // Nobody is told of the failure of a flush that had begun before.
          const isOwnFailure = (): void => expect(lastFailed).toBeGreaterThan(before);
          answers.push(group.request().then(isDurable, isOwnFailure));
        };
        for (const step of steps) {
          if (step === 'write') written += 1;
          else if (step === 'ask') ask();
          else if (step === 'turn') await turn();
          else ends.shift()?.(step === 'fail');
        }
        for (let settled = false; !settled; ) {
          settled = await Promise.race([Promise.all(answers).then(() => true), turn().then(() => false)]);
          while (ends.length > 0) ends.shift()?.(false);
        }
      },
    ),
  );
});

const turn = async (): Promise<void> => {
  for (let count = 0; count < 10; count += 1) await Promise.resolve();
};
