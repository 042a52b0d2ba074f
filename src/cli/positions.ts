// `bot4 positions`: the positions of a running program as a table.
import type { PositionView } from '#projections/position-view.ts';
import { ControlClient } from './control-client.ts';
import { type ControlChoice, findControl } from './control-file.ts';
import type { CommandIo } from './io.ts';
import { renderTable } from './text-table.ts';

export interface PositionsOptions extends ControlChoice {
  readonly json: boolean;
}

export async function run(options: PositionsOptions, io: CommandIo): Promise<number> {
  const client = new ControlClient(findControl(options, io.env));
  const { items } = await client.ask<{ readonly items: readonly PositionView[] }>('GET', '/v1/positions');
  if (options.json) {
    io.stdout(`${JSON.stringify(items)}\n`);
    return 0;
  }
  const rows = items.map((position) => [
    position.positionId === null ? position.symbol : `${position.symbol}/${position.positionId}`,
    position.quantity,
    position.averagePrice ?? '-',
    position.mark ?? '-',
    position.unrealized ?? '-',
    position.realized,
    position.fees,
    position.protectedQuantity,
    position.halted === null ? '' : `halted: ${position.halted}`,
  ]);
  io.stdout(`${renderTable(columns, rows, { width: io.columns(), color: false }).join('\n')}\n`);
  return 0;
}

const columns = [
  { title: 'symbol' },
  { title: 'quantity', align: 'right' },
  { title: 'average', align: 'right' },
  { title: 'mark', align: 'right', dropRank: 2 },
  { title: 'unrealized', align: 'right' },
  { title: 'realized', align: 'right' },
  { title: 'fees', align: 'right', dropRank: 3 },
  { title: 'protected', align: 'right' },
  { title: 'state' },
] as const;
