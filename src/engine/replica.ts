// The core's state as another thread sees it: the state it opened with, and every record since folded in; quotes as last told. Read only.
import { MarketBoard } from '#actors/market-board.ts';
import type { JournalRecord } from '#domain/record.ts';
import { evolve, type ShardState } from '#domain/shard.ts';
import { readState } from '#domain/state-plain.ts';
import type { CoreIdentity, CoreView } from './core-link.ts';
import type { Pulse } from './worker-protocol.ts';

export class Replica implements CoreView {
  readonly board = new MarketBoard();
  #identity: CoreIdentity;
  #state: ShardState;
  #foldedSeq: number;
  #now: Pulse;

  constructor(identity: CoreIdentity, state: string, now: Pulse) {
    this.#identity = identity;
    this.#state = readState(state);
    this.#foldedSeq = now.lastSeq;
    this.#now = now;
    this.look(now);
  }

  get identity(): CoreIdentity {
    return this.#identity;
  }

  get state(): ShardState {
    return this.#state;
  }

  get nowUs(): number {
    return this.#now.nowUs;
  }

  get lastSeq(): CoreView['lastSeq'] {
    return this.#now.lastSeq;
  }

  get journalHealthy(): boolean {
    return this.#now.journalHealthy;
  }

  /** The core was opened again: its state replaces what was folded here. */
  renew(identity: CoreIdentity, state: string, now: Pulse): void {
    this.#identity = identity;
    this.#state = readState(state);
    this.#foldedSeq = now.lastSeq;
    for (const symbol of this.#state.symbols.keys()) this.board.quote(symbol).synchronised = false;
    this.look(now);
  }

  /** A record that the state holds already changes nothing. */
  fold(record: JournalRecord): void {
    if (record.seq <= this.#foldedSeq) return;
    evolve(this.#state, record);
    this.#foldedSeq = record.seq;
  }

  look(now: Pulse): void {
    this.#now = now;
    for (const [symbol, quote] of now.quotes) Object.assign(this.board.quote(symbol), quote);
  }
}
