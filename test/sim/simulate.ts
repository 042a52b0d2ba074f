// The whole runtime from one seed on a virtual clock: deciders, actor layer, journal on a faulty disk, synthetic market, paper venue on a
// faulty wire, strategies and a clumsy user; with actors that crash, a program that dies (its last write torn) and comes back. After every
// life the journal is folded from its first record, and at the end engine and venue must tell the same story.
import { clockOf } from '#actors/clock.ts';
import { hashText, SeededRandom } from '#actors/random.ts';
import { SimulatedScheduler } from '#actors/scheduler-simulated.ts';
import type { OrderForm } from '#domain/commands.ts';
import { hasTerms } from '#domain/contract.ts';
import type { PositionHolder } from '#domain/hedged.ts';
import { lots, type PositionId } from '#domain/ids.ts';
import { floorToStep } from '#domain/instrument.ts';
import { riskIncreasing } from '#domain/kill-switch/orders.ts';
import { checkConservation } from '#domain/ledger.ts';
import { isClosed, isLocal, leavesOf, type Order, regionsOf } from '#domain/order.ts';
import type { Position } from '#domain/position.ts';
import type { JournalRecord } from '#domain/record.ts';
import type { ShardState } from '#domain/shard.ts';
import { stateHash } from '#domain/state-plain.ts';
import { domainCodec } from '#journal/domain-codec.ts';
import { recover } from '#journal/recover.ts';
import { openJournal } from '#journal/store.ts';
import { CONTINGENT_EVENTS } from '#machines/tables.ts';
import type { JournalStore } from '#ports/journal.ts';
import { operatorMoves } from '#projections/kill-switch-view.ts';
import { createEngine, type Engine } from '#src/engine.ts';
import { demoStrategy } from '#src/strategies/demo.ts';
import { type FaultProfile, FaultyLink } from '#venues/paper/faulty-link.ts';
import { MemoryPaperLog } from '#venues/paper/paper-events.ts';
import { PaperVenue } from '#venues/paper/paper-venue.ts';
import { SyntheticFeed } from '#venues/synthetic/synthetic-feed.ts';
import { createFaultyDisk, type FaultyDisk } from '../dsl/faulty-store.ts';
import { checkLists, checkQuietLists, ListWatch, listForm } from './lists.ts';
import { contractForm, type Market, marketOf } from './market.ts';

export interface SimulationReport {
  readonly seed: number;
  readonly traceHash: string;
  readonly records: number;
  readonly fills: number;
  /** Orders of others that were found at the venue. */
  readonly adopted: number;
  /** Order lists that the gate took. */
  readonly lists: number;
  readonly lives: number;
  readonly crashes: number;
  readonly restarts: number;
  readonly answers: Readonly<Record<string, number>>;
  /** Every broken promise, in words; empty when all held. */
  readonly problems: readonly string[];
}

const startUs = Date.UTC(2026, 0, 1) * 1000;
const stepMs = 100;
const stepsALife = 25;
const quietMs = 20_000;
const quietLooksMax = 200;
/** Longer than any report takes on a calm wire. */
const reportMsMax = 1_000;

const stormy: Partial<FaultProfile> = {
  commandLost: 0.02,
  answerLost: 0.03,
  reportLate: 0.05,
  lateMsMax: 300,
  reportRepeated: 0.05,
  queryLost: 0.02,
  sessionCut: 0.003,
};

/** One seed, one run. */
export async function simulate(seed: number): Promise<SimulationReport> {
  const world = new World(seed);
  const lives = 1 + world.random.int(3);
  for (let life = 0; life < lives && world.problems.length === 0; life += 1) await world.live(life, true);
  if (world.problems.length === 0) await world.live(lives, false);
  return world.report(lives);
}

/** A recovery fits into a life, and a short trouble trips. */
const quickRules = {
  journalFailureMs: 300,
  dataStaleMs: 2_000,
  breakerOpensMax: 4,
  rejectOrdersMin: 8,
  standardCoolDownMs: 150,
  standardStepMs: 150,
  aggressiveCoolDownMs: 100,
  aggressiveStepMs: 100,
  autonomousCoolDownMs: 100,
  autonomousStepMs: 100,
} as const;

class World {
  readonly random: Choices;
  readonly problems: string[] = [];
  readonly #seed: number;
  readonly #market: Market;
  readonly #log = new MemoryPaperLog();
  readonly #acknowledged = new Set<string>();
  readonly #answers: Record<string, number> = {};
  readonly #durability: 'async' | 'commit';
  readonly #stops: 'engine' | 'venue';
  #disk: FaultyDisk;
  #nowUs = startUs;
  #trace = 0;
  #records = 0;
  #fills = 0;
  #adopted = 0;
  #crashes = 0;
  #restarts = 0;
  #made = 0;
  #journalFailed = false;
  /** Somebody else trades on the same account. */
  readonly #isShared: boolean;
  #elsewhere = 0;
  /** Its user submits order lists too. */
  readonly #hasLists: boolean;
  #listWatch = new ListWatch();
  #lists = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#market = marketOf(seed);
    // Every second seed leaves its stops to the venue.
    this.#stops = seed % 2 === 0 ? 'venue' : 'engine';
    this.random = new Choices(seed);
    this.#durability = this.random.chance(0.5) ? 'commit' : 'async';
    this.#disk = createFaultyDisk({ seed });
    this.#isShared = Math.floor(seed / 3) % 3 === 1;
    this.#hasLists = Math.floor(seed / 2) % 2 === 1;
  }

  /** One life of the program: from recovery to a crash, or in the last one to quiet and a proper stop. */
  async live(life: number, busy: boolean): Promise<void> {
    const scheduler = new SimulatedScheduler(`${this.#seed}/${life}`, this.#nowUs);
    const clock = clockOf(scheduler);
    const link = new FaultyLink({ seed: this.#seed + life, profile: busy && this.random.chance(0.7) ? stormy : {} });
    const { symbols, deposits, fees } = this.#market;
    const feed = new SyntheticFeed({ clock, seed: this.#seed + life, updatesPerSecond: 20, symbols });
    const venue = new PaperVenue({
      feed,
      clock,
      log: this.#log,
      seed: this.#seed + life,
      link,
      deposits: Object.fromEntries(deposits.map(({ currency, amount }) => [currency, amount])),
      stops: this.#stops,
      ...fees,
    });
    const store = openJournal({ disk: this.#disk, schema: domainCodec.schema, runId: 'simulation' });
    const engine = await createEngine({
      store,
      seed: this.#seed,
      durability: this.#durability,
      venues: [venue],
      deposits,
      scheduler,
      strategies: busy ? [{ strategy: demoStrategy({ everyMs: 150, holdMs: 600, stopBps: 4 }) }] : [],
      supervision: { restartsMax: 50 },
      snapshotEveryRecords: 60,
      // What moves together is refused elsewhere; here it would leave little to see.
      limits: { correlationMaxBps: 10_000 },
      killSwitch: quickRules,
    });
    this.#listen(engine);
    const started = engine.start();
    started.catch((error: unknown) => this.problems.push(`start failed: ${String(error)}`));
    await scheduler.advance(50);
    if (busy) await this.#beBusy(engine, scheduler, { link, venue });
    else await this.#beQuiet(engine, scheduler, venue);
    this.#nowUs = scheduler.nowUs();
    await venue.close();
    await this.#compare();
    if (busy) await this.#crash();
  }

  report(lives: number): SimulationReport {
    return {
      seed: this.#seed,
      traceHash: (this.#trace >>> 0).toString(16).padStart(8, '0'),
      records: this.#records,
      fills: this.#fills,
      adopted: this.#adopted,
      lists: this.#lists,
      lives: lives + 1,
      crashes: this.#crashes,
      restarts: this.#restarts,
      answers: this.#answers,
      problems: this.problems,
    };
  }

  #listen(engine: Engine): void {
    engine.subscribe((event) => {
      this.#trace = hashText(JSON.stringify(event, plainUnits), this.#trace);
      if (event.type === 'record') this.#look(event.record);
      if (event.type === 'lifecycle' && event.event.type === 'restarted') this.#restarts += 1;
      if (event.type === 'failed') this.problems.push(`the engine failed: ${event.reason}`);
    });
  }

  /** A list's statechart must take whatever its members do. */
  #look({ seq, events }: JournalRecord): void {
    this.#records += 1;
    for (const event of events) if (event.type === 'ListApproved') this.#lists += 1;
    this.problems.push(...this.#listWatch.take(seq, events));
    for (const event of events) {
      if (event.type === 'OrderAdopted') this.#adopted += 1;
      if (event.type !== 'IllegalEventSeen' || !(event.event in CONTINGENT_EVENTS)) continue;
      this.problems.push(`record ${seq}: the list of ${event.orderId} does not take ${event.event} in ${event.state}`);
    }
  }

  async #beBusy(engine: Engine, scheduler: SimulatedScheduler, { link, venue }: Outside): Promise<void> {
    for (let step = 0; step < stepsALife; step += 1) {
      if (this.random.chance(0.6)) await this.#submit(engine);
      if (this.random.chance(0.15)) await this.#cancelOrAmend(engine);
      if (this.#hasLists && this.random.chance(0.4)) await this.#submitList(engine);
      if (this.#isShared && this.random.chance(0.2)) await this.#tradeElsewhere(engine, venue);
      if (this.#isShared && this.random.chance(0.1)) await this.#cover(engine);
      if (this.random.chance(0.06)) await this.#killSomeone(engine);
      if (this.random.chance(0.03)) {
        this.#journalFailed = true;
        this.#disk.fail({ operation: 'write', code: 'ENOSPC', times: 1 + this.random.int(5) });
      }
      if (this.random.chance(0.02)) link.cut('the wire was cut');
      if (this.random.chance(0.02)) {
        this.#note(engine.setTradingState(this.random.pick(['active', 'reducing', 'halted']), 'user', 'a whim'), null);
      }
      if (this.random.chance(0.01))
        this.#note(engine.killSwitch('user', 'a whim', { flatten: this.random.chance(0.5) }), null);
      if (this.random.chance(0.1))
        this.#note(engine.moveKillSwitch(this.random.pick(operatorMoves), 'user', 'a whim'), null);
      await scheduler.advance(stepMs);
    }
  }

  async #submit(engine: Engine): Promise<void> {
    const instrument = this.random.pick(await engine.instruments());
    const symbol = instrument.symbol as string;
    const { bids, asks } = await engine.book(symbol);
    const bid = bids[this.random.int(8)]?.price;
    const ask = asks[this.random.int(8)]?.price;
    if (bid === undefined || ask === undefined) return;
    this.#made += 1;
    if (hasTerms(instrument)) {
      const prices = { bids: bids.map(({ price }) => price), asks: asks.map(({ price }) => price) };
      const named = { instrument, ...prices, orderId: `user-${this.#made}`, sizeOf };
      const form = contractForm(this.random, { ...named, positions: await engine.positions() });
      this.#note(engine.submit(form), form.orderId ?? '');
      return;
    }
    const held = (await engine.positions()).find((position) => position.symbol === symbol)?.quantity ?? '0';
    const sells = held !== '0' && this.random.chance(0.4);
    const quantity = sells ? held : sizeOf(bid, this.random.pick([20, 100, 400, 5_000]));
    const stop = this.random.pick([bids.at(-1)?.price, bids[12]?.price, undefined, ask]);
    const form: OrderForm = {
      orderId: `user-${this.random.chance(0.05) ? 1 : this.#made}`,
      symbol,
      side: sells ? 'sell' : 'buy',
      type: this.random.pick(['market', 'limit', 'limit'] as const),
      quantity,
      ...(sells ? { reduceOnly: this.random.chance(0.8) } : stop === undefined ? {} : { stopLossPrice: stop }),
      ...(!sells && this.random.chance(0.4) ? { takeProfitPrice: asks[this.random.int(6)]?.price ?? ask } : {}),
    };
    const limitPrice = this.random.chance(0.5) ? bid : ask;
    const whole = form.type === 'limit' ? { ...form, limitPrice, postOnly: this.random.chance(0.2) } : form;
    this.#note(engine.submit(whole), form.orderId ?? '');
  }

  async #submitList(engine: Engine): Promise<void> {
    const instrument = this.random.pick((await engine.instruments()).filter((each) => !hasTerms(each)));
    const { bids, asks } = await engine.book(instrument.symbol);
    if (bids.length < 13 || asks.length < 13) return;
    const { symbol } = instrument;
    const held = (await engine.positions()).find((position) => position.symbol === symbol)?.quantity ?? '0';
    this.#made += 1;
    const prices = { bids: bids.map(({ price }) => price), asks: asks.map(({ price }) => price) };
    const form = listForm(this.random, { symbol, number: this.#made, held, ...prices, sizeOf, halfOf });
    this.#note(engine.submitList(form), form.listId ?? '');
  }

  async #cancelOrAmend(engine: Engine): Promise<void> {
    const open = await engine.orders({ open: true });
    if (open.length === 0) return;
    const { orderId, quantity, limitPrice } = this.random.pick(open);
    const amends = limitPrice !== null && this.random.chance(0.4);
    this.#note(amends ? engine.amend(orderId, { quantity: halfOf(quantity) }) : engine.cancel(orderId), null);
  }

  /** Another client of the account: its orders have no id, an id of its own, or one that cannot be kept here. */
  async #tradeElsewhere(engine: Engine, venue: PaperVenue): Promise<void> {
    const open = await engine.orders({ open: true });
    if (open.length > 0 && this.random.chance(0.2)) {
      const { orderId, symbol } = this.random.pick(open);
      return venue.cancelElsewhere(symbol, orderId);
    }
    const spot = (await engine.instruments()).filter((instrument) => !hasTerms(instrument));
    const symbol = this.random.pick(spot.map((instrument) => instrument.symbol as string));
    const { bids, asks } = await engine.book(symbol);
    const [bid, ask] = [bids[this.random.int(3)]?.price, asks[this.random.int(3)]?.price];
    if (bid === undefined || ask === undefined) return;
    this.#elsewhere += 1;
    const held = (await engine.positions()).find((position) => position.symbol === symbol)?.quantity ?? '0';
    // Dust, which fees in coins leave, cannot be sold.
    const sells = Number(halfOf(held)) > 0 && this.random.chance(0.5);
    const clientOrderId = this.random.pick([undefined, `their-${this.#elsewhere}`, `not.ours ${this.#elsewhere}`]);
    const order = this.random.chance(0.3)
      ? ({ type: 'market' } as const)
      : ({ type: 'limit', limitPrice: this.random.chance(0.5) ? bid : ask } as const);
    venue.placeElsewhere({
      ...order,
      symbol,
      side: sells ? 'sell' : 'buy',
      quantity: sells ? this.random.pick([held, halfOf(held)]) : sizeOf(bid, this.random.pick([20, 100, 400])),
      ...(sells ? { reduceOnly: this.random.chance(0.5) } : {}),
      ...(clientOrderId === undefined ? {} : { clientOrderId }),
    });
  }

  /** An operator who now and then gives a stop to what others left without one. */
  async #cover(engine: Engine): Promise<void> {
    const naked = (await engine.positions()).filter(({ uncoveredQuantity }) => uncoveredQuantity !== '0');
    if (naked.length === 0) return;
    const { symbol } = this.random.pick(naked);
    const triggerPrice = (await engine.book(symbol)).bids[6]?.price;
    if (triggerPrice !== undefined)
      this.#note(engine.coverPosition(symbol, { triggerPrice, by: 'user', reason: 'seen' }), null);
  }

  async #killSomeone(engine: Engine): Promise<void> {
    const ids = ['risk', 'journal', 'symbol/BTCUSDT', 'symbol/ETHUSDT', 'strategy/demo'];
    const parts = ['session', 'market-data', 'order-entry', 'user-stream'].map((part) => `venue/paper/${part}`);
    await engine.killActor(this.random.pick([...ids, ...parts]), 'chaos');
  }

  /** An order counts as acknowledged when its approval was told; what was not answered before a crash was not. */
  #note(answer: ReturnType<Engine['submit']>, orderId: string | null): void {
    answer.then(
      (told) => {
        const name = told.outcome === 'refused' ? told.refusal.code : told.outcome;
        this.#answers[name] = (this.#answers[name] ?? 0) + 1;
        if (told.outcome === 'approved' && orderId !== null) this.#acknowledged.add(orderId);
      },
      (error: unknown) => {
        if ((error as Error).name !== 'InputError') this.problems.push(`a request failed: ${String(error)}`);
      },
    );
  }

  /** No new orders, a calm wire, a healthy disk: everything must settle, and engine and venue agree. */
  async #beQuiet(engine: Engine, scheduler: SimulatedScheduler, venue: PaperVenue): Promise<void> {
    this.#disk.heal();
    await scheduler.advance(quietMs);
    // The market goes on, so a stop may just now be on its way; but nothing is on its way for ever.
    const look = async () => [...(await unsettledOrders(engine)), ...this.#fillsOnTheWay(scheduler.nowUs())];
    let unsettled = await look();
    for (let looks = 0; unsettled.length > 0 && looks < quietLooksMax; looks += 1) {
      await scheduler.advance(stepMs);
      unsettled = await look();
    }
    this.problems.push(...unsettled);
    const state = await this.#stop(engine, scheduler);
    if (state === null) return;
    this.#compareWithVenue(state, venue);
    this.problems.push(...checkQuietLists(state));
    if (state.account.tradingState !== 'halted') return;
    for (const exposure of state.account.symbols.values()) {
      for (const { spec } of riskIncreasing(exposure))
        this.problems.push(`halted, but ${spec.orderId} could still add to a position`);
    }
  }

  /** A resting order may have been filled just now: the report of it takes its time. */
  #fillsOnTheWay(nowUs: number): string[] {
    const last = this.#log.events.findLast((event) => event.type === 'PaperOrderFilled');
    if (last === undefined || nowUs - last.venueTimeUs > reportMsMax * 1_000) return [];
    return [`fill ${last.tradeId} of ${last.symbol} may still be on its way`];
  }

  async #stop(engine: Engine, scheduler: SimulatedScheduler): Promise<ShardState | null> {
    const stopping = engine.stop('the simulation ends');
    await scheduler.advance(10_000);
    const { hash } = await stopping;
    const folded = await recover(this.#reopen(), { useSnapshot: false });
    if (folded.lastMark?.hash !== hash) this.problems.push(`the final mark is ${folded.lastMark?.hash}, not ${hash}`);
    return folded.state;
  }

  #compareWithVenue(state: ShardState, venue: PaperVenue): void {
    const atVenue = new Map<string, number>();
    const accepted = new Set<string>();
    for (const event of this.#log.events) {
      if (event.type === 'PaperOrderAccepted' || event.type === 'PaperOrderAcceptedToPosition') {
        if (accepted.has(event.spec.orderId)) this.problems.push(`order ${event.spec.orderId} was accepted twice`);
        accepted.add(event.spec.orderId);
      }
      if (event.type !== 'PaperOrderFilled') continue;
      atVenue.set(`${event.symbol} ${event.tradeId}`, event.quantityLots);
    }
    const openThere = openAtVenue(this.#log);
    for (const { open, orders } of state.symbols.values()) {
      for (const id of open) {
        const order = orders.get(id);
        if (order === undefined || isLocal(order)) continue;
        if (!openThere.delete(id)) this.problems.push(`order ${id} is open here, not at the venue`);
      }
    }
    for (const id of openThere) this.problems.push(`order ${id} is open at the venue, not here`);
    let booked = 0;
    let quarantined = 0;
    for (const [symbol, { trades, quarantine, ...own }] of state.symbols) {
      booked += trades.size;
      quarantined += quarantine.length;
      for (const trade of trades.keys())
        if (!atVenue.has(`${symbol} ${trade}`)) this.problems.push(`trade ${symbol} ${trade} is not the venue's`);
      const there = venue.positions().get(symbol);
      if (quarantine.length > 0 || there === undefined) continue;
      const [ours, theirs] = [own, there].map((holder) => JSON.stringify([...positionsById(holder)], plainUnits));
      if (ours !== theirs) this.problems.push(`${symbol}: positions ${ours} here, ${theirs} at the venue`);
    }
    if (booked + quarantined !== atVenue.size) {
      this.problems.push(`${atVenue.size} fills at the venue, ${booked} booked, ${quarantined} in quarantine`);
    }
    // An exit that went out while the journal was down is forgotten by a crash: its fill waits in quarantine for an operator.
    if (quarantined > 0 && !this.#journalFailed) this.problems.push(`${quarantined} fills in quarantine`);
    this.#fills = booked;
    if (quarantined > 0) return;
    for (const [currency, { totalUnits }] of venue.balances()) {
      const cash = state.account.ledger.balances.get(currency)?.get('cash') ?? 0n;
      if (cash !== totalUnits) this.problems.push(`${currency}: ${cash} units here, ${totalUnits} at the venue`);
    }
  }

  /** What the disk holds now, read as a restart reads it and from the first record; and what was acknowledged is there. */
  async #compare(): Promise<void> {
    const reopened = this.#reopen();
    const folded = await recover(reopened, { useSnapshot: false });
    const restarted = await recover(reopened);
    if (folded.difference !== null) this.problems.push(`record ${folded.difference.seq} decides otherwise now`);
    if (stateHash(folded.state) !== stateHash(restarted.state)) this.problems.push('snapshot and fold differ');
    checkState(folded.state, this.problems);
    this.problems.push(...checkLists(folded.state));
  }

  #reopen(): JournalStore {
    const disk = createFaultyDisk({ seed: this.#seed, files: this.#disk.files() });
    return openJournal({ disk, schema: domainCodec.schema, runId: 'simulation', readOnly: true });
  }

  /** The program dies. With `commit` the machine loses power too; otherwise what the system was given survives, the last write torn. */
  async #crash(): Promise<void> {
    this.#crashes += 1;
    // What the crash took back is not held against what comes after it.
    this.#listWatch = new ListWatch();
    if (this.#durability === 'commit') this.#disk = this.#disk.crash();
    else this.#disk = createFaultyDisk({ seed: this.#seed + this.#crashes, files: this.#disk.files() });
    const { state } = await recover(this.#reopen(), { useSnapshot: false });
    for (const id of this.#acknowledged) {
      if (!state.account.answers.has(id as never))
        this.problems.push(`acknowledged order ${id} is missing after a crash`);
    }
  }
}

interface Outside {
  readonly link: FaultyLink;
  readonly venue: PaperVenue;
}

/** Ids of orders that are open at the venue, as its own log tells it. */
function openAtVenue(log: MemoryPaperLog): Set<string> {
  const open = new Map<string, { quantity: number; filled: number }>();
  for (const event of log.events) {
    if (event.type === 'PaperOrderAccepted' || event.type === 'PaperOrderAcceptedToPosition')
      open.set(event.spec.orderId, { quantity: event.quantityLots, filled: 0 });
    else if (event.type === 'PaperOrderClosed') open.delete(event.orderId);
    else if ('orderId' in event) {
      const order = open.get(event.orderId);
      if (order === undefined) continue;
      if (event.type === 'PaperOrderFilled') order.filled += event.quantityLots;
      else if ('quantityLots' in event) order.quantity = event.quantityLots;
      if (order.filled >= order.quantity) open.delete(event.orderId);
    }
  }
  return new Set(open.keys());
}

/** Orders that wait for an answer, in words. */
async function unsettledOrders(engine: Engine): Promise<string[]> {
  const open = await engine.orders({ open: true });
  const resting = new Set(['accepted', 'triggered', 'held', 'emulated']);
  const waiting = open.filter(({ venueState, commandState }) => !resting.has(venueState) || commandState !== 'idle');
  return waiting.map(
    ({ orderId, venueState, commandState }) => `order ${orderId} is still ${venueState} ${commandState}`,
  );
}

/** Promises about a state by itself. */
function checkState(state: ShardState, problems: string[]): void {
  checkConservation(state.account.ledger);
  const reserved = new Map<string, bigint>();
  for (const [symbol, exposure] of state.account.symbols) {
    const own = state.symbols.get(symbol);
    if (own === undefined) continue;
    const both = [own, exposure].map((holder) => JSON.stringify([...positionsById(holder)], plainUnits));
    if (both[0] !== both[1]) problems.push(`${symbol}: account and symbol hold different positions`);
    for (const { reservedUnits, reservedLots } of exposure.open.values()) {
      add(reserved, exposure.instrument.settle, reservedUnits);
      add(reserved, exposure.instrument.base, BigInt(reservedLots) * exposure.instrument.lotBaseUnits);
    }
    for (const [id, position] of positionsById(own)) {
      let covered = 0;
      for (const open of own.open) {
        const order = own.orders.get(open);
        if (order?.parentId != null && order.positionId === id && !isClosed(order)) covered += requestedLeaves(order);
      }
      const needed = floorToStep(own.instrument, lots(Math.abs(position.lots)));
      // What others' orders brought is in the net position.
      const theirs = id === undefined ? (own.uncovered?.lots ?? 0) : 0;
      const holds = `${symbol} ${id ?? 'net'} holds ${position.lots} lots`;
      if (covered + theirs < needed && own.halted === null)
        problems.push(`${holds}, protected are ${covered}, of others ${theirs}`);
      if (theirs > needed) problems.push(`${holds}, of others ${theirs}`);
    }
  }
  for (const [currency, total] of state.account.reserved) {
    if (total !== (reserved.get(currency) ?? 0n))
      problems.push(`reserved ${currency} is ${total}, its orders hold ${reserved.get(currency) ?? 0n}`);
  }
}

/** The net one first; ids in the order of the alphabet. */
const positionsById = (holder: PositionHolder): (readonly [PositionId | undefined, Position])[] => [
  [undefined, holder.position],
  ...[...holder.hedged].sort(([one], [other]) => (one < other ? -1 : 1)),
];
/** What is asked of a stop that rests at the venue counts, confirmed or not. */
function requestedLeaves(order: Order): number {
  const { protect, filledLots } = order;
  if (protect === undefined || regionsOf(order.state).venue === 'triggered') return leavesOf(order);
  return Math.max(0, protect.quantityLots - filledLots);
}

const add = (totals: Map<string, bigint>, key: string, amount: bigint): void =>
  void totals.set(key, (totals.get(key) ?? 0n) + amount);
const plainUnits = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);

function sizeOf(price: string, notional: number): string {
  const quantity = notional / Number(price);
  return quantity >= 1 ? String(Math.ceil(quantity)) : quantity.toFixed(quantity < 0.01 ? 5 : 3);
}
const halfOf = (quantity: string): string => {
  const half = Number(quantity) / 2;
  return half >= 1 ? String(Math.ceil(half)) : half.toFixed(half < 0.01 ? 5 : 3);
};

class Choices {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(`${seed}/world`);
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  int(below: number): number {
    return Math.floor(this.#random.next() * below);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)] as T;
  }
}
