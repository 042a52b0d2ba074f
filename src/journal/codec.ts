// Records to bytes and back, from the declared shapes: one straight-line writer and reader is compiled for each type of input and event.
// Checks every field both ways. Holds no records and knows no files.
//
// Record: u32 length of the rest | seq | atUs | stream | input | number of events | events; an input or event is the index of its type
// and its fields in declared order. See docs/adr/0003-journal-format.md.
import { InvariantError } from '#domain/assert.ts';
import { seq as asSeq, timeUs } from '#domain/ids.ts';
import type { Fields, Union } from '#domain/schema.ts';
import type { JournalRecord, JournalSchema } from '#ports/journal.ts';
import type { ByteSink } from './byte-sink.ts';
import { ByteSource } from './byte-source.ts';
import { compileReader, compileWriter, type Reader, type Writer } from './compile-shape.ts';
import { journalSchema } from './schema-description.ts';

type Members = { readonly [name: string]: Fields };

/** Names are append-only: the position of a type is what the journal holds. */
interface RecordShapes<Inputs extends Members, Events extends Members> {
  readonly inputs: Inputs;
  readonly events: Events;
  /** Raised with every change; a journal of a higher version is refused. */
  readonly version: number;
}

interface DecodedRecord<Input, Event> {
  readonly record: JournalRecord<Input, Event>;
  /** Offset of the byte after the record. */
  readonly end: number;
}

type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface RecordCodec<Input extends Typed, Event extends Typed> {
  readonly schema: JournalSchema;
  /** Appends one record. Fails: InvariantError if a value does not fit its field; the sink then ends where it began. */
  encode(record: JournalRecord<Input, Event>, sink: ByteSink): void;
  /** Reads the record at `offset`. Fails: RecordDecodeError. */
  decode(bytes: Uint8Array, offset: number, end?: number): DecodedRecord<Input, Event>;
  /** The record as plain JSON: bigints are decimal strings. */
  toJson(record: JournalRecord<Input, Event>): JsonValue;
}

interface Typed {
  readonly type: string;
}

export const streamLengthMax = 64;
export const recordBytesMax = 1 << 20;
export const eventsPerRecordMax = 65_535;

/** Compiles the codec of a set of shapes. Fails: InvariantError for shapes that cannot be stored. */
export function createRecordCodec<const Inputs extends Members, const Events extends Members>(
  shapes: RecordShapes<Inputs, Events>,
): RecordCodec<Union<Inputs>, Union<Events>> {
  const inputs = new UnionCodec<Union<Inputs>>('input', shapes.inputs);
  const events = new UnionCodec<Union<Events>>('event', shapes.events);
  return new CompiledCodec(journalSchema(shapes), inputs, events);
}

class CompiledCodec<Input extends Typed, Event extends Typed> implements RecordCodec<Input, Event> {
  readonly schema: JournalSchema;
  readonly #inputs: UnionCodec<Input>;
  readonly #events: UnionCodec<Event>;
  readonly #source = new ByteSource();

  constructor(schema: JournalSchema, inputs: UnionCodec<Input>, events: UnionCodec<Event>) {
    this.schema = schema;
    this.#inputs = inputs;
    this.#events = events;
  }

  encode(record: JournalRecord<Input, Event>, sink: ByteSink): void {
    const start = sink.length;
    try {
      this.#write(record, sink, start);
    } catch (error) {
      sink.length = start;
      throw error;
    }
  }

  decode(bytes: Uint8Array, offset: number, end = bytes.length): DecodedRecord<Input, Event> {
    const source = this.#source;
    source.reset(bytes, offset, end);
    source.narrow(source.u32('record.length'), 'record.length');
    const seq = asSeq(source.int('seq'));
    const atUs = timeUs(source.int('atUs'));
    const stream = source.text(streamLengthMax, 'stream');
    const input = this.#inputs.read(source);
    const count = source.count(eventsPerRecordMax, 'events');
    const events: Event[] = [];
    for (let index = 0; index < count; index += 1) events.push(this.#events.read(source));
    source.finish('record');
    return { record: { seq, atUs, stream, input, events }, end: source.at };
  }

  toJson(record: JournalRecord<Input, Event>): JsonValue {
    return plain(record);
  }

  #write(record: JournalRecord<Input, Event>, sink: ByteSink, start: number): void {
    sink.u32(0);
    sink.int(record.seq, 'seq');
    sink.int(record.atUs, 'atUs');
    sink.text(record.stream, streamLengthMax, 'stream');
    this.#inputs.write(record.input, sink);
    const { events } = record;
    const count = sink.count(events, eventsPerRecordMax, 'events');
    for (let index = 0; index < count; index += 1) this.#events.write(events[index] as Event, sink);
    const size = sink.length - start;
    if (size > recordBytesMax) throw new InvariantError(`record of ${size} bytes, at most ${recordBytesMax}`);
    sink.patchU32(start, size - 4);
  }
}

/** One discriminated union: its members by name for writing, by position for reading. */
class UnionCodec<Member extends Typed> {
  readonly #what: string;
  readonly #writers = new Map<string, { readonly index: number; readonly write: Writer }>();
  readonly #readers: Reader[] = [];

  constructor(what: string, members: Members) {
    this.#what = what;
    for (const [name, fields] of Object.entries(members)) {
      this.#writers.set(name, { index: this.#readers.length, write: compileWriter(name, fields) });
      this.#readers.push(compileReader(name, fields));
    }
  }

  write(member: Member, sink: ByteSink): void {
    const writer = this.#writers.get(member.type);
    if (writer === undefined) throw new InvariantError(`unknown ${this.#what} type ${member.type}`);
    sink.int(writer.index, this.#what);
    writer.write(sink, member);
  }

  read(source: ByteSource): Member {
    const index = source.int(this.#what);
    const reader = this.#readers[index] ?? source.fail(this.#what, `type ${index} of ${this.#readers.length}`);
    return reader(source) as Member;
  }
}

function plain(value: unknown): JsonValue {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value as JsonValue;
}
