// What a fill means for the money and the positions of a paper account. The arithmetic is the domain's own, so that venue and engine can
// differ only in what they were told, never in how they count. Knows no orders.
import { type PositionHolder, positionOf, setPosition } from '#domain/hedged.ts';
import { type Lots, lots, type PositionId, type Side } from '#domain/ids.ts';
import { floorToStep } from '#domain/instrument.ts';
import { type Entry, entriesForFill } from '#domain/ledger.ts';
import { after, changeOf, type PositionFill } from '#domain/position.ts';

/** Moves the position of that id, and answers what moves in cash. Fails: InvariantError for a fill that cannot be applied. */
export function bookFill(holder: PositionHolder, id: PositionId | undefined, fill: PositionFill): readonly Entry[] {
  const { instrument } = holder;
  const position = positionOf(holder, id);
  const change = changeOf(instrument, position, fill);
  setPosition(holder, id, after(position, change));
  return entriesForFill(instrument, fill, change).filter(({ account }) => account === 'cash');
}

/** How much an order of this side can close of the position of that id; dust counts. Pure. */
export function closableLots(holder: PositionHolder, id: PositionId | undefined, side: Side): Lots {
  const { lots: held } = positionOf(holder, id);
  return lots(Math.max(0, side === 'sell' ? held : -held));
}

/** The same in whole steps: the most that a reduce-only order may fill. Pure. */
export const reducibleLots = (holder: PositionHolder, id: PositionId | undefined, side: Side): Lots =>
  floorToStep(holder.instrument, closableLots(holder, id, side));
