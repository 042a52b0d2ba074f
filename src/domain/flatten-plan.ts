// The plans to close positions that have lost their protection: one a position at most, so that none waits for another and the end of one
// is the end of no other. When a try is made and how large it is stands in protection.ts.
import type { PositionId } from './ids.ts';
import type { FlattenPlan, SymbolState } from './symbol-state.ts';

type PlanHolder = Pick<SymbolState, 'flatten' | 'hedgedFlattens'>;

/** Null where the position has lost nothing. */
export const planOf = (holder: PlanHolder, id: PositionId | undefined): FlattenPlan | null =>
  id === undefined ? holder.flatten : (holder.hedgedFlattens.get(id) ?? null);

/** Null ends it. */
export function setPlan(holder: PlanHolder, id: PositionId | undefined, plan: FlattenPlan | null): void {
  if (id === undefined) holder.flatten = plan;
  else if (plan === null) holder.hedgedFlattens.delete(id);
  else holder.hedgedFlattens.set(id, plan);
}

/** Every plan with its position, the one without an id first, the others in the order in which they were first made. */
export function plansOf(holder: PlanHolder): readonly (readonly [PositionId | undefined, FlattenPlan])[] {
  const hedged = [...holder.hedgedFlattens];
  return holder.flatten === null ? hedged : [[undefined, holder.flatten], ...hedged];
}
