// What the API answers with, as far as the pages use it; types of the projections and layouts themselves, so that a change there is seen.
import type { Snapshot } from '#actors/actor.ts';
import type { AccountView } from '#projections/account-view.ts';
import type { BreakerView } from '#projections/breaker-view.ts';
import type { DecisionView, FillView } from '#projections/history.ts';
import type { KillSwitchView } from '#projections/kill-switch-view.ts';
import type { OrderView } from '#projections/order-view.ts';
import type { PositionView } from '#projections/position-view.ts';
import type { EngineStatus } from '#src/engine.ts';
import type { PlacedChart, PlacedEdge, PlacedRegion } from '../layout.ts';

export type {
  AccountView,
  BreakerView,
  DecisionView,
  EngineStatus,
  FillView,
  KillSwitchView,
  OrderView,
  PlacedChart,
  PlacedEdge,
  PlacedRegion,
  PositionView,
  Snapshot,
};

export type ProgramStatus = EngineStatus & { readonly version: string; readonly paper: boolean };

/** What the stream shows of the whole, four times a second. */
export interface Overall {
  readonly status: EngineStatus;
  readonly account: AccountView;
  readonly positions: readonly PositionView[];
  readonly breakers: readonly BreakerView[];
  readonly killSwitch: KillSwitchView;
  /** Null while the core is away. */
  readonly actors: Snapshot | null;
}

export interface TimelineStep {
  readonly seq: number;
  readonly atUs: number;
  readonly input: string;
  readonly event: string;
  readonly detail: string;
  readonly chartEvent: string | null;
  /** `filled · complete · idle`: the regions in order. */
  readonly state: string;
}

export interface MachineInfo {
  readonly id: string;
  readonly title: string;
  readonly purpose: string;
  readonly temperature: 'hot' | 'warm' | 'cold';
  readonly states: number;
  readonly events: readonly string[];
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: number | null;
}
