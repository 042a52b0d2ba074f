// The positions of one symbol: the one of orders without a position id, and one for each id, long and short at once. The same functions
// serve both modes; under netting there is never an id, and the one position is found without a look-up.

import { type Lots, lots, type PositionId, type PriceTicks } from './ids.ts';
import type { Instrument } from './instrument.ts';
import { emptyPosition, type Position, worthUnits } from './position.ts';

/** What has positions: a symbol's state, and the account's exposure to the symbol. */
export interface PositionHolder {
  readonly instrument: Instrument;
  /** Of orders without a position id; all there is under netting. */
  position: Position;
  /** In the order of their first fill. */
  readonly hedged: Map<PositionId, Position>;
}

/** Ids kept a symbol; beyond them the oldest flat position is folded into the one without an id. */
export const hedgedKeptMax = 256;

/** The position that an order with this id fills into; an empty one where nothing filled yet. */
export function positionOf(holder: PositionHolder, id: PositionId | undefined): Position {
  if (id === undefined) return holder.position;
  return holder.hedged.get(id) ?? emptyPosition(holder.instrument);
}

/** Puts a changed position in its place. */
export function setPosition(holder: PositionHolder, id: PositionId | undefined, position: Position): void {
  if (id === undefined) {
    holder.position = position;
    return;
  }
  const isNew = !holder.hedged.has(id);
  holder.hedged.set(id, position);
  if (isNew && holder.hedged.size > hedgedKeptMax) foldOldestFlat(holder);
}

/** Every position, the one without an id first. */
export const positionsOf = (holder: PositionHolder): Iterable<Position> =>
  holder.hedged.size === 0 ? [holder.position] : [holder.position, ...holder.hedged.values()];

export interface NetLots {
  /** Signed: long less short. */
  readonly lots: Lots;
  readonly longLots: Lots;
  /** Not negative. */
  readonly shortLots: Lots;
}

/** What all positions hold together. Their money is not netted: a long and a short have each their own. */
export function netLotsOf(holder: PositionHolder): NetLots {
  let [long, short] = [0, 0];
  for (const position of positionsOf(holder)) {
    if (position.lots > 0) long += position.lots;
    else short -= position.lots;
  }
  return { lots: lots(long - short), longLots: lots(long), shortLots: lots(short) };
}

/** Nothing is held: a long and a short of one size are not nothing. */
export function isFlat(holder: PositionHolder): boolean {
  if (holder.position.lots !== 0) return false;
  if (holder.hedged.size === 0) return true;
  for (const position of holder.hedged.values()) if (position.lots !== 0) return false;
  return true;
}

/** What closing all positions would bring, longs at the bid and shorts at the ask. */
export function worthOfAll(
  holder: PositionHolder,
  { bidTicks, askTicks }: { readonly bidTicks: PriceTicks; readonly askTicks: PriceTicks },
): bigint {
  let worth = 0n;
  for (const position of positionsOf(holder)) {
    if (position.lots !== 0) worth += worthUnits(holder.instrument, position, position.lots > 0 ? bidTicks : askTicks);
  }
  return worth;
}

function foldOldestFlat(holder: PositionHolder): void {
  for (const [id, flat] of holder.hedged) {
    if (flat.lots !== 0) continue;
    const { position } = holder;
    const below = (position.finer?.realized ?? 0n) + (flat.finer?.realized ?? 0n);
    const folded = {
      ...position,
      realizedUnits: position.realizedUnits + flat.realizedUnits,
      feesUnits: position.feesUnits + flat.feesUnits,
    };
    holder.position =
      below === 0n && position.finer === undefined
        ? folded
        : { ...folded, finer: { cost: position.finer?.cost ?? 0n, realized: below } };
    holder.hedged.delete(id);
    return;
  }
}
