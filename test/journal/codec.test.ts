// Goal: every value of every declared shape comes back as it was, and no bytes are read as anything else. Method: properties over generated
// schemas, bytes cut and flipped, and tables of values that must be refused on the way in and on the way out.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantError } from '#domain/assert.ts';
import { seq, timeUs } from '#domain/ids.ts';
import { choice, type Fields, flag, int, type Kind, list, nullable, shape, text, units } from '#domain/schema.ts';
import { ByteSink } from '#journal/byte-sink.ts';
import { createRecordCodec, eventsPerRecordMax, recordBytesMax, streamLengthMax } from '#journal/codec.ts';
import { RecordDecodeError } from '#journal/errors.ts';
import { codec, recordOf } from '../dsl/journal.ts';

/** A kind, and values of it. */
interface Generated {
  readonly kind: Kind;
  readonly values: fc.Arbitrary<unknown>;
}

const wideBigInt = fc.oneof(
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
  fc.constantFrom(0n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 2039n),
);
const anyInt = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.constantFrom(
    0,
    239,
    240,
    65_535,
    65_536,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    -1,
    -(2 ** 32 - 1),
    -(2 ** 32),
    Number.MIN_SAFE_INTEGER,
  ),
);
const leaf: fc.Arbitrary<Generated> = fc.oneof(
  fc.nat(60).map((max) => ({
    kind: text(max),
    values: fc.string({ unit: 'binary', maxLength: max }).filter((value) => value.length <= max),
  })),
  fc.constant({ kind: int(), values: anyInt }),
  fc.constant({ kind: units(), values: wideBigInt }),
  fc.constant({ kind: flag(), values: fc.boolean() }),
  fc
    .uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 20 })
    .map((names) => ({ kind: choice(...names), values: fc.constantFrom(...names) })),
);
const anyKind: fc.Arbitrary<Generated> = fc.letrec<{ kind: Generated }>((tie) => ({
  kind: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('kind').map(({ kind, values }) => ({ kind: nullable(kind), values: fc.option(values, { nil: null }) })),
    fc
      .tuple(tie('kind'), fc.nat(4))
      .map(([{ kind, values }, max]) => ({ kind: list(kind, max), values: fc.array(values, { maxLength: max }) })),
    fc.array(tie('kind'), { maxLength: 4 }).map((kinds) => {
      const { fields, values } = fieldsOf(kinds);
      return { kind: shape(fields), values };
    }),
  ),
})).kind;

function fieldsOf(kinds: readonly Generated[]): { fields: Fields; values: fc.Arbitrary<Record<string, unknown>> } {
  const named = kinds.map((generated, index) => [`field${index}`, generated] as const);
  return {
    fields: Object.fromEntries(named.map(([name, { kind }]) => [name, kind])),
    values: fc.record(Object.fromEntries(named.map(([name, { values }]) => [name, values]))),
  };
}

/** A union of generated members, and values of it. */
const anyUnion = fc.array(fc.array(anyKind, { maxLength: 6 }), { minLength: 1, maxLength: 4 }).map((members) => {
  const made = members.map((kinds, index) => ({ name: `Type${index}`, ...fieldsOf(kinds) }));
  return {
    members: Object.fromEntries(made.map(({ name, fields }) => [name, fields])),
    values: fc.oneof(...made.map(({ name, values }) => values.map((value) => ({ type: name, ...value })))),
  };
});
const anySchema = fc.tuple(anyUnion, anyUnion).chain(([inputs, events]) =>
  fc.record({
    shapes: fc.constant({ version: 1, inputs: inputs.members, events: events.members }),
    records: fc.array(
      fc.record({
        seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(seq),
        atUs: anyInt.map(timeUs),
        stream: fc.string({ maxLength: 20 }),
        input: inputs.values,
        events: fc.array(events.values, { maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
);

// biome-ignore lint/suspicious/noExplicitAny: generated shapes have no static type
type Loose = any;

describe('round trip', () => {
  test('any record of any schema, one after another, and its bytes are the only ones', () => {
    fc.assert(
      fc.property(anySchema, ({ shapes, records }) => {
        const made = createRecordCodec(shapes);
        const sink = new ByteSink(8);
        for (const record of records) made.encode(record as Loose, sink);
        const bytes = sink.written().slice();
        let at = 0;
        const again = new ByteSink(8);
        for (const record of records) {
          const decoded = made.decode(bytes, at);
          expect(decoded.record).toEqual(record);
          made.encode(decoded.record, again);
          at = decoded.end;
        }
        expect(at).toBe(bytes.length);
        expect(again.written()).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  test('a zero has no sign', () => {
    const made = createRecordCodec({ version: 1, inputs: { In: { value: int() } }, events: {} });
    const sink = new ByteSink();
    made.encode({ seq: seq(1), atUs: timeUs(0), stream: '', input: { type: 'In', value: -0 }, events: [] }, sink);
    expect(Object.is(made.decode(sink.written(), 0).record.input.value, 0)).toBe(true);
  });

  test('a byte order mark is kept', () => {
    const sink = new ByteSink();
    const record = { ...recordOf(1), stream: '\uFEFFx' };
    codec.encode(record, sink);
    expect(codec.decode(sink.written(), 0).record.stream).toBe('\uFEFFx');
  });

  test('as JSON, bigints are strings and everything else is itself', () => {
    expect(codec.toJson(recordOf(7))).toEqual({
      seq: 7,
      atUs: 1_700_000_000_000_007,
      stream: 'account',
      input: { type: 'Place', orderId: 'order-7', side: 'sell', note: '' },
      events: [
        { type: 'Placed', orderId: 'order-7', lots: 7_000_021, postOnly: false },
        { type: 'Paid', cash: '-700000000000000000000', parts: [{ name: 'fee', amount: '7' }] },
      ],
    });
    expect(() => JSON.stringify(codec.toJson(recordOf(4)))).not.toThrow();
  });
});

describe('reading', () => {
  const encoded = (at: number): Uint8Array => {
    const sink = new ByteSink();
    codec.encode(recordOf(at), sink);
    return sink.written().slice();
  };

  test.each([1, 2, 5, 7, 14])('record %i cut at any byte is refused with field and offset', (at) => {
    const bytes = encoded(at);
    for (let size = 0; size < bytes.length; size += 1) {
      expect(() => codec.decode(bytes.slice(0, size), 0)).toThrow(RecordDecodeError);
    }
  });

  test('any byte changed to any value is refused or is the one encoding of another record', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 5, 7, 14), fc.nat(), fc.integer({ min: 1, max: 255 }), (at, place, mask) => {
        const bytes = encoded(at);
        bytes[place % bytes.length]! ^= mask;
        let decoded: ReturnType<typeof codec.decode>;
        try {
          decoded = codec.decode(bytes, 0);
        } catch (error) {
          expect(error).toBeInstanceOf(RecordDecodeError);
          return;
        }
        const sink = new ByteSink();
        codec.encode(decoded.record, sink);
        expect(sink.written()).toEqual(bytes.subarray(0, decoded.end));
      }),
      { numRuns: 2000 },
    );
  });

  /** The bytes of a record with one input of one field, whose own bytes are replaced. */
  const withField = (kind: Kind, field: readonly number[]): (() => unknown) => {
    const made = createRecordCodec({ version: 1, inputs: { In: { value: kind } }, events: {} });
    const body = [1, 0, 0, 0, ...field, 0];
    const bytes = Uint8Array.from([body.length, 0, 0, 0, ...body]);
    return () => made.decode(bytes, 0);
  };

  test.each<[string, Kind, readonly number[], string]>([
    ['a flag of 2', flag(), [2], 'flag byte 2'],
    ['a nullable of 2', nullable(int()), [2], 'flag byte 2'],
    ['a choice beyond the names', choice('a', 'b'), [2], 'choice 2 of 2'],
    ['text beyond its length', text(2), [3, 65, 65, 65], 'text of 3 characters, at most 2'],
    ['text far beyond its length', text(2), [7, 65, 65, 65, 65, 65, 65, 65], 'text of 7 bytes, at most 6'],
    ['text of a negative length', text(2), [242, 1, 0, 0, 0], 'text of -1 bytes'],
    ['text that is not UTF-8', text(2), [2, 0xc3, 0x28], 'not UTF-8'],
    ['text beyond the record', text(9), [9, 65], 'needs 9 bytes, 2 are left'],
    ['a list beyond its items', list(flag(), 1), [2, 1, 1], '2 items, at most 1'],
    ['a list of a negative count', list(flag(), 1), [242, 1, 0, 0, 0], '-1 items'],
    ['an unknown integer tag', int(), [250], 'unknown integer tag 250'],
    ['a small integer in two bytes', int(), [240, 7, 0], 'wider than it needs'],
    ['a two-byte integer in four', int(), [241, 0, 1, 0, 0], 'wider than it needs'],
    ['minus zero', int(), [242, 0, 0, 0, 0], 'wider than it needs'],
    ['a small integer as a float', int(), [243, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f], 'wider than it needs'],
    ['a fraction', int(), [243, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 'not a safe integer'],
    ['not a number', int(), [243, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f], 'not a safe integer'],
    ['an unknown bigint tag', units(), [3, 0], 'unknown bigint tag 3'],
    ['a bigint of seven bytes', units(), [1, 7, 1, 1, 1, 1, 1, 1, 1], 'wider than it needs'],
    ['a bigint with a leading zero', units(), [1, 9, 0, 1, 1, 1, 1, 1, 1, 1, 1], 'wider than it needs'],
    ['an eight-byte bigint that fits 64 bits', units(), [2, 8, 1, 1, 1, 1, 1, 1, 1, 1], 'wider than it needs'],
    ['bytes left over', flag(), [1, 0, 9], 'bytes left over'],
  ])('refuses %s', (_, kind, field, message) => {
    const attempt = withField(kind, field);
    expect(attempt).toThrow(RecordDecodeError);
    expect(attempt).toThrow(message);
  });

  test('refuses unknown types and too many events, naming what it saw', () => {
    const made = createRecordCodec({ version: 1, inputs: { In: {} }, events: { Out: {} } });
    const read =
      (body: readonly number[]): (() => unknown) =>
      () =>
        made.decode(Uint8Array.from([body.length, 0, 0, 0, ...body]), 0);
    expect(read([1, 0, 0, 1, 0])).toThrow('type 1 of 1');
    expect(read([1, 0, 0, 0, 1, 5])).toThrow('type 5 of 1');
    expect(read([1, 0, 0, 0, 241, 0, 0, 1, 0])).toThrow(`at most ${eventsPerRecordMax}`);
    expect(read([1, 0, 0, 0, 1, 0])).not.toThrow();
  });

  test('names the field and the offset in the whole buffer', () => {
    const bytes = new Uint8Array([...encoded(2), ...encoded(4)]);
    const start = encoded(2).length;
    const error = caught(() => codec.decode(bytes.subarray(0, bytes.length - 2), start)) as RecordDecodeError;
    expect(error).toBeInstanceOf(RecordDecodeError);
    expect(error.field).toBe('record.length');
    expect(error.offset).toBe(start + 4);
  });
});

describe('writing', () => {
  const writes = (kind: Kind, value: unknown): (() => void) => {
    const made = createRecordCodec({ version: 1, inputs: { In: { value: kind } }, events: {} });
    return () =>
      made.encode(
        { seq: seq(1), atUs: timeUs(0), stream: '', input: { type: 'In', value } as Loose, events: [] },
        new ByteSink(),
      );
  };

  test.each<[string, Kind, unknown]>([
    ['a fraction', int(), 1.5],
    ['an unsafe integer', int(), 2 ** 53],
    ['a number as text', int(), '5'],
    ['nothing for an integer', int(), undefined],
    ['a number for text', text(), 5],
    ['text too long', text(2), 'abc'],
    ['half a surrogate pair', text(), 'a\uD800'],
    ['a number for units', units(), 5],
    ['units too wide', units(), 2n ** 2048n],
    ['a number for a flag', flag(), 1],
    ['a name that is no choice', choice('a', 'b'), 'c'],
    ['a name that is none of many', choice('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'), 'z'],
    ['undefined for a nullable', nullable(int()), undefined],
    ['an object for a list', list(int(), 2), { length: 1 }],
    ['a list too long', list(int(), 2), [1, 2, 3]],
    ['null for a shape', shape({ a: int() }), null],
  ])('asserts on %s, naming the field', (_, kind, value) => {
    expect(writes(kind, value)).toThrow(InvariantError);
    expect(writes(kind, value)).toThrow('In.value');
  });

  test('takes the widest units and the longest text', () => {
    expect(writes(units(), -(2n ** 2040n - 1n))).not.toThrow();
    expect(writes(text(3), '€€€')).not.toThrow();
  });

  test('leaves the sink as it was when a record fails', () => {
    const sink = new ByteSink();
    codec.encode(recordOf(1), sink);
    const before = sink.written().slice();
    expect(() => codec.encode({ ...recordOf(2), input: { type: 'Nothing' } as Loose }, sink)).toThrow(
      'unknown input type Nothing',
    );
    expect(() => codec.encode({ ...recordOf(2), stream: 'x'.repeat(streamLengthMax + 1) }, sink)).toThrow('stream');
    expect(sink.written()).toEqual(before);
  });

  test('a record has a size limit', () => {
    const made = createRecordCodec({ version: 1, inputs: { In: { value: text(recordBytesMax) } }, events: {} });
    const encode = (size: number): void =>
      made.encode(
        { seq: seq(1), atUs: timeUs(0), stream: '', input: { type: 'In', value: 'x'.repeat(size) }, events: [] },
        new ByteSink(),
      );
    expect(() => encode(recordBytesMax - 100)).not.toThrow();
    expect(() => encode(recordBytesMax)).toThrow('record of');
  });
});

test.each<[string, () => unknown]>([
  ['a field called type', () => createRecordCodec({ version: 1, inputs: { In: { type: int() } }, events: {} })],
  [
    'a field name that is no name',
    () => createRecordCodec({ version: 1, inputs: { In: { 'a-b': int() } }, events: {} }),
  ],
  [
    'a nested field name that is no name',
    () => createRecordCodec({ version: 1, inputs: { In: { a: shape({ __proto__x: int() }) } }, events: {} }),
  ],
  ['a type name that is no name', () => createRecordCodec({ version: 1, inputs: {}, events: { 'x;y': {} } })],
  ['a choice of nothing', () => createRecordCodec({ version: 1, inputs: { In: { a: choice() } }, events: {} })],
  [
    'a choice of 257 names',
    () =>
      createRecordCodec({
        version: 1,
        inputs: { In: { a: choice(...Array.from({ length: 257 }, (_, index) => `n${index}`)) } },
        events: {},
      }),
  ],
  [
    'a choice with a name twice',
    () => createRecordCodec({ version: 1, inputs: { In: { a: choice('a', 'a') } }, events: {} }),
  ],
  ['a version of 0', () => createRecordCodec({ version: 0, inputs: {}, events: {} })],
])('no codec is made for %s', (_, make) => {
  expect(make).toThrow(InvariantError);
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
