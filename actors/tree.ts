// The supervision tree of one core. Its root's escalation is a safe halt: no new risk, exits still pass, sockets stay open.
import type { ActorSpec, BackoffSpec, ChildSpec, Intensity, SupervisorSpec } from './actor.ts';
import { type ConnectorParts, connectorTree } from './connector.ts';
import { type JournalParts, journalWriterActor } from './journal-writer.ts';
import { type RiskParts, riskActor } from './risk.ts';
import { type StrategyParts, strategyActor } from './strategy.ts';
import { type SymbolParts, symbolActor } from './symbol.ts';

export interface TreeParts {
  readonly supervision: { readonly intensity: Intensity; readonly backoff: BackoffSpec };
  readonly journal: JournalParts;
  readonly risk: RiskParts;
  readonly symbols: readonly SymbolParts[];
  readonly connectors: readonly ConnectorParts[];
  readonly strategies: readonly StrategyParts[];
}

/** Declared in the order in which they depend on each other; stopped in reverse. */
export function coreTree(parts: TreeParts): SupervisorSpec {
  const { intensity, backoff } = parts.supervision;
  return {
    id: 'root',
    strategy: 'one_for_one',
    intensity,
    children: [
      // A journal that cannot be written is tried again for as long as it takes; meanwhile the gate lets only exits pass.
      supervisor('journal-keeper', { restartsMax: 1_000, withinMs: 1_000 }, backoff, [
        journalWriterActor(parts.journal),
      ]),
      child(riskActor(parts.risk)),
      supervisor('symbols', intensity, backoff, parts.symbols.map(symbolActor)),
      supervisor('venues', intensity, backoff, parts.connectors.map(connectorTree)),
      supervisor('strategies', intensity, backoff, parts.strategies.map(strategyActor)),
    ],
  };
}

function supervisor(id: string, intensity: Intensity, backoff: BackoffSpec, children: readonly Spec[]): SupervisorSpec {
  return { id, strategy: 'one_for_one', intensity, backoff, children: children.map(child) };
}

// biome-ignore lint/suspicious/noExplicitAny: an actor's own state and message types end at its specification.
type Spec = ActorSpec<any, any, any> | SupervisorSpec;
const child = (spec: Spec): ChildSpec => spec as ChildSpec;
