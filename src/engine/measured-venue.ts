// A venue whose calls are counted: each call opens a permit of its endpoint group, and what the venue says of it, or fails to say, settles
// it. Passes everything on as it is and stops nothing: exits, cancels and questions go out whatever state a breaker is in.

import type { EndpointGroup } from '#domain/breaker/breaker-chart.ts';
import type { CallGuard } from '#domain/breaker/call-guard.ts';
import type { OrderId } from '#domain/ids.ts';
import type { Venue, VenueReport, VenueSink } from '#ports/venue.ts';

export interface VenueMeter {
  readonly guard: CallGuard;
  readonly nowUs: () => number;
  /** The breaker of a group. */
  readonly breakerOf: (group: EndpointGroup) => number;
  /** Told of each placement or amendment that came to something. */
  readonly cameOfOrder: (isSuccess: boolean) => void;
}

type Command = 'place' | 'amend' | 'cancel';
const commands: readonly Command[] = ['place', 'amend', 'cancel'];
const groupOf = { place: 'orders', amend: 'orders', cancel: 'cancels' } as const satisfies Record<
  Command,
  EndpointGroup
>;
type Outcome = 'succeeded' | 'failed' | 'ignored';

/** The commands of one venue that wait for its answer, and its questions. */
export class VenueCalls {
  readonly #meter: VenueMeter;
  readonly #waiting: Readonly<Record<Command, Map<OrderId, number>>> = {
    place: new Map(),
    amend: new Map(),
    cancel: new Map(),
  };

  constructor(meter: VenueMeter) {
    this.#meter = meter;
  }

  /** The venue as connectors are to use it. */
  measure(venue: Venue): Venue {
    return {
      id: venue.id,
      instruments: venue.instruments,
      connect: (sink, instruments) => venue.connect(this.#listen(sink), instruments),
      disconnect: () => venue.disconnect(),
      requestSnapshot: (symbol) => venue.requestSnapshot(symbol),
      place: (order) => {
        this.#sent('place', order.spec.orderId);
        venue.place(order);
      },
      amend: (amend) => {
        this.#sent('amend', amend.orderId);
        venue.amend(amend);
      },
      cancel: (symbol, orderId) => {
        this.#sent('cancel', orderId);
        venue.cancel(symbol, orderId);
      },
      order: (symbol, orderId) => this.#asked(() => venue.order(symbol, orderId)),
      openOrders: () => this.#asked(() => venue.openOrders()),
      fillsSince: (symbol, after) => this.#asked(() => venue.fillsSince(symbol, after)),
    };
  }

  /** No answer came in time, as the symbol's own deadline has it. */
  unanswered(orderId: OrderId): void {
    for (const command of commands) this.#settle(command, orderId, 'failed');
  }

  /** The order is over: what was still asked of it says nothing about the venue. */
  over(orderId: OrderId): void {
    for (const command of commands) this.#settle(command, orderId, 'ignored');
  }

  #listen(sink: VenueSink): VenueSink {
    return {
      market: (message) => sink.market(message),
      report: (report) => {
        this.#reported(report);
        sink.report(report);
      },
      down: (reason) => sink.down(reason),
      ended: (fault) => sink.ended(fault),
    };
  }

  #reported(report: VenueReport): void {
    const { orderId } = report;
    switch (report.type) {
      case 'ReportAccepted':
      case 'ReportFill':
        return this.#settle('place', orderId, 'succeeded');
      case 'ReportAmended':
      case 'ReportAmendRejected':
        return this.#settle('amend', orderId, 'succeeded');
      case 'ReportCancelRejected':
        return this.#settle('cancel', orderId, 'succeeded');
      case 'ReportCanceled':
        this.#settle('cancel', orderId, 'succeeded');
        this.#settle('place', orderId, 'succeeded');
        return this.over(orderId);
      case 'ReportRejected':
      case 'ReportExpired':
        // A "no" is an answer.
        this.#settle('place', orderId, 'succeeded');
        return this.over(orderId);
      case 'ReportAmbiguous':
      case 'ReportNotSent':
        return this.#settle(report.command, orderId, 'failed');
      case 'ReportResized':
      case 'ReportNotFound':
        return;
    }
  }

  #sent(command: Command, orderId: OrderId): void {
    this.#settle(command, orderId, 'ignored');
    const permit = this.#follow(groupOf[command]);
    if (permit >= 0) this.#waiting[command].set(orderId, permit);
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    const permit = this.#follow('queries');
    try {
      const answer = await ask();
      this.#came(permit, 'succeeded');
      return answer;
    } catch (error) {
      this.#came(permit, 'failed');
      throw error;
    }
  }

  #follow(group: EndpointGroup): number {
    return this.#meter.guard.follow(this.#meter.breakerOf(group), this.#meter.nowUs());
  }

  #settle(command: Command, orderId: OrderId, outcome: Outcome): void {
    const permit = this.#waiting[command].get(orderId);
    if (permit === undefined) return;
    this.#waiting[command].delete(orderId);
    this.#came(permit, outcome);
    if (outcome !== 'ignored' && groupOf[command] === 'orders') this.#meter.cameOfOrder(outcome === 'succeeded');
  }

  /** A negative permit is none: all were out, and the call was not measured. */
  #came(permit: number, outcome: Outcome): void {
    if (permit >= 0) this.#meter.guard[outcome](permit, this.#meter.nowUs());
  }
}
