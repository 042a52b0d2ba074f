// Goal: an older journal reads if and only if its schema only grew at the ends. Method: a table of changes with the answer to each.
import { describe, expect, test } from 'vitest';
import { choice, flag, int, list, nullable, shape, text } from '#domain/schema.ts';
import { journalSchema } from '#journal/schema-description.ts';

const base = {
  version: 2,
  inputs: { A: { name: text(10), side: choice('buy', 'sell'), price: nullable(int()) }, B: {} },
  events: { X: { parts: list(shape({ kind: choice('p', 'q'), size: int() }), 4) } },
};
const stored = journalSchema(base);
const now = (change: Partial<typeof base> | Record<string, unknown>) =>
  journalSchema({ ...base, version: 3, ...change } as typeof base);

describe('reads what grew at its end', () => {
  test.each([
    ['nothing changed', {}],
    ['a new input type', { inputs: { ...base.inputs, C: { a: int() } } }],
    ['a new event type', { events: { ...base.events, Y: {} } }],
    ['a new choice', { inputs: { ...base.inputs, A: { ...base.inputs.A, side: choice('buy', 'sell', 'short') } } }],
    ['a longer text', { inputs: { ...base.inputs, A: { ...base.inputs.A, name: text(11) } } }],
    [
      'a longer list with a new choice inside',
      { events: { X: { parts: list(shape({ kind: choice('p', 'q', 'r'), size: int() }), 5) } } },
    ],
  ])('%s', (_, change) => {
    expect(now(change).refuses(stored)).toBeNull();
  });
});

describe('refuses every other change, and says which', () => {
  test.each([
    ['a type gone', { inputs: { A: base.inputs.A } }, 'unknown input type B'],
    ['a type renamed', { events: { Z: base.events.X } }, 'event type 0 was X, is Z'],
    ['types swapped', { inputs: { B: base.inputs.B, A: base.inputs.A } }, 'input type 0 was A, is B'],
    ['a field added', { inputs: { ...base.inputs, B: { a: int() } } }, 'B had the fields , has a'],
    [
      'a field gone',
      { inputs: { ...base.inputs, A: { name: text(10), side: base.inputs.A.side } } },
      'A had the fields name, side, price',
    ],
    ['another kind', { inputs: { ...base.inputs, A: { ...base.inputs.A, name: flag() } } }, 'A.name was text, is flag'],
    [
      'another kind inside',
      { inputs: { ...base.inputs, A: { ...base.inputs.A, price: nullable(flag()) } } },
      'A.price was int, is flag',
    ],
    [
      'a shorter text',
      { inputs: { ...base.inputs, A: { ...base.inputs.A, name: text(9) } } },
      'A.name was up to 10 characters, is up to 9',
    ],
    [
      'choices swapped',
      { inputs: { ...base.inputs, A: { ...base.inputs.A, side: choice('sell', 'buy') } } },
      'A.side has no choice buy',
    ],
    [
      'a choice gone',
      { inputs: { ...base.inputs, A: { ...base.inputs.A, side: choice('buy') } } },
      'A.side has no choice sell',
    ],
    [
      'a shorter list',
      { events: { X: { parts: list(shape({ kind: choice('p', 'q'), size: int() }), 3) } } },
      'X.parts was up to 4 items, is up to 3',
    ],
    [
      'a change deep inside',
      { events: { X: { parts: list(shape({ kind: choice('p'), size: int() }), 4) } } },
      'X.parts[].kind has no choice q',
    ],
  ])('%s', (_, change, reason) => {
    const schema = now(change);
    expect(schema.refuses(stored)).toContain(reason);
    expect(schema.refuses(stored)).toContain(
      `schema version 2 (${stored.fingerprint}), this program reads version 3 (${schema.fingerprint})`,
    );
  });

  test('a newer version, even one that only grew', () => {
    const newer = now({ inputs: { ...base.inputs, C: {} } });
    expect(stored.refuses(newer)).toContain('schema version 3');
    expect(stored.refuses(newer)).toContain('reads version 2');
    expect(stored.refuses(newer)).toContain('a newer program wrote it');
  });

  test('types unknown here under the same version', () => {
    expect(stored.refuses({ ...now({ events: { ...base.events, Y: {} } }), version: 2 })).toContain(
      'unknown event type Y',
    );
  });

  test('a description that is not the one of its fingerprint', () => {
    expect(now({}).refuses({ ...stored, fingerprint: '0000000000000000' })).toContain('does not match its fingerprint');
    expect(now({}).refuses({ ...stored, description: '{}' })).toContain('does not match its fingerprint');
  });
});
