// The live stream to many clients: every frame is written out once and shared, a client that is slow is bounded in bytes, and one that
// comes back with the last id it saw is given what it missed from the journal first.
import type { ServerResponse } from 'node:http';
import type { Engine, EngineEvent } from '#src/engine.ts';

export const streamKinds = ['record', 'fill', 'decision', 'lifecycle', 'core', 'snapshot'] as const;
export type StreamKind = (typeof streamKinds)[number];

export const streamClientsMax = 64;
/** Unsent bytes at which a client is told of the gap and let go. */
export const clientBacklogBytesMax = 4 << 20;
/** Records read back for a client that resumes, at most; an older id is told of the gap at once. */
export const resumeRecordsMax = 100_000;
const resumePage = 1_000;
export const snapshotEveryMs = 250;

interface Client {
  readonly out: ServerResponse;
  readonly kinds: ReadonlySet<StreamKind>;
  /** While it is given what it missed, live frames wait here. */
  waiting: { readonly seq: number | null; readonly frame: string }[] | null;
  waitingBytes: number;
  /** The last snapshot that it was given. */
  snapshot: string;
}

export class EventStream {
  readonly #engine: Engine;
  readonly #snapshot: () => Promise<unknown>;
  readonly #clients = new Set<Client>();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isTaking = false;

  constructor(engine: Engine, snapshot: () => Promise<unknown>) {
    this.#engine = engine;
    this.#snapshot = snapshot;
    this.#unsubscribe = engine.subscribe((event) => this.#take(event));
  }

  get clients(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#clients.size >= streamClientsMax;
  }

  /** Headers are sent already. `afterSeq`: the last record that the client has; null: from now on. */
  async add(out: ServerResponse, kinds: ReadonlySet<StreamKind>, afterSeq: number | null): Promise<void> {
    const client: Client = { out, kinds, waiting: afterSeq === null ? null : [], waitingBytes: 0, snapshot: '' };
    this.#clients.add(client);
    out.on('close', () => this.#remove(client));
    // The first bytes tell a proxy, and a reader, that the stream is there.
    this.#send(client, null, ': open\n\n');
    this.#timer ??= setInterval(() => void this.#tick(), snapshotEveryMs);
    void this.#tick();
    if (afterSeq !== null) await this.#catchUp(client, afterSeq);
  }

  /** A view that a record led to; it has no id, because the record has. */
  tell(kind: 'fill' | 'decision', view: object): void {
    let frame: string | null = null;
    for (const client of this.#clients) {
      if (!client.kinds.has(kind)) continue;
      frame ??= frameOf(kind, null, view);
      this.#send(client, null, frame);
    }
  }

  /** Ends every stream; readers may come back with the last id they saw. */
  close(): void {
    this.#unsubscribe();
    clearInterval(this.#timer);
    for (const { out } of this.#clients) out.end('event: end\ndata: {"reason":"the server stops"}\n\n');
    this.#clients.clear();
  }

  #take(event: EngineEvent): void {
    if (this.#clients.size === 0) return;
    const kind = kindOf(event);
    const seq = event.type === 'record' ? event.record.seq : null;
    let frame: string | null = null;
    for (const client of this.#clients) {
      if (!client.kinds.has(kind)) continue;
      frame ??= frameOf(kind, seq, event.type === 'record' ? event.record : event);
      this.#send(client, seq, frame);
    }
  }

  async #tick(): Promise<void> {
    if (this.#isTaking || ![...this.#clients].some(({ kinds }) => kinds.has('snapshot'))) return;
    this.#isTaking = true;
    try {
      const frame = frameOf('snapshot', null, await this.#snapshot());
      for (const client of this.#clients) {
        // A newer one follows: whoever has not read the last is not given this.
        if (!client.kinds.has('snapshot') || client.snapshot === frame || client.out.writableLength > 0) continue;
        client.snapshot = frame;
        this.#send(client, null, frame);
      }
    } finally {
      this.#isTaking = false;
    }
  }

  #send(client: Client, seq: number | null, frame: string): void {
    if (client.waiting !== null && seq !== null) {
      client.waiting.push({ seq, frame });
      client.waitingBytes += frame.length;
    } else client.out.write(frame);
    if (client.out.writableLength + client.waitingBytes > clientBacklogBytesMax)
      this.#cut(client, 'the client is too slow');
  }

  #cut(client: Client, reason: string): void {
    this.#remove(client);
    client.out.end(frameOf('gap', null, { reason, limitBytes: clientBacklogBytesMax }));
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #catchUp(client: Client, afterSeq: number): Promise<void> {
    const { seq: lastSeq } = await this.#engine.status();
    let next = afterSeq + 1;
    if (lastSeq - afterSeq > resumeRecordsMax) {
      next = lastSeq - resumeRecordsMax + 1;
      client.out.write(frameOf('gap', null, { reason: 'too far back', afterSeq, nextSeq: next }));
    }
    if (client.kinds.has('record')) next = await this.#sendPages(client, next);
    const waiting = client.waiting ?? [];
    client.waiting = null;
    client.waitingBytes = 0;
    for (const { seq, frame } of waiting) if (seq === null || seq >= next) this.#send(client, seq, frame);
  }

  async #sendPages(client: Client, fromSeq: number): Promise<number> {
    for (let next = fromSeq; ; ) {
      if (!this.#clients.has(client)) return next;
      const page = await this.#engine.records({ fromSeq: next, limit: resumePage });
      let isTaken = true;
      for (const record of page) isTaken = client.out.write(frameOf('record', record.seq, record));
      next = (page.at(-1)?.seq ?? next - 1) + 1;
      if (page.length < resumePage) return next;
      // Pages are read as the client takes them.
      if (!isTaken) await drained(client.out);
    }
  }
}

const drained = (out: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      out.off('drain', end);
      out.off('close', end);
      resolve();
    };
    out.on('drain', end);
    out.on('close', end);
  });

const kindOf = (event: EngineEvent): StreamKind =>
  event.type === 'record' || event.type === 'lifecycle' ? event.type : 'core';

/** Units are too large for a JSON number and go as text. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}` : inner));

const frameOf = (kind: string, seq: number | null, data: unknown): string =>
  `${seq === null ? '' : `id: ${seq}\n`}event: ${kind}\ndata: ${toJson(data)}\n\n`;
