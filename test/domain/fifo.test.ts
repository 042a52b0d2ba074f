// Promise: what goes in first comes out first, as from an array. Method: random pushes and shifts against one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from '#domain/fifo.ts';

test('equals an array over random pushes and shifts', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer()), { maxLength: 200 }), fc.array(fc.integer()), (steps, first) => {
      const fifo = new Fifo(first);
      const naive = [...first];
      expect(fifo.items()).toEqual(first);
      for (const step of steps) {
        if (step === null) expect(fifo.shift()).toBe(naive.shift());
        else {
          fifo.push(step);
          naive.push(step);
        }
        expect([fifo.size, fifo.first()]).toEqual([naive.length, naive[0]]);
      }
      expect(fifo.items()).toEqual(naive);
    }),
  );
});
