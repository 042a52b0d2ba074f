// Wrong rules that the exploration must find: each is one line of the product, changed while it is loaded.
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: "OUO: a sibling is made as large as its peer's leaves, without what it has filled itself",
    file: 'src/domain/contingent.ts',
    from: 'return lots(filled + coveredLots(outlook, members, change));',
    to: 'return coveredLots(outlook, members, change);',
  },
  {
    name: 'OUO: a leg of a pair is made as large as the group has left, without what it has filled itself',
    file: 'src/domain/contingent.ts',
    from: 'return lots(filled + floorToStep(state.instrument, lots(remaining)));',
    to: 'return floorToStep(state.instrument, lots(remaining));',
  },
  {
    name: 'OCO: a partial fill leaves the other leg',
    file: 'src/domain/contingent.ts',
    from: 'peer !== leg && of(peer) > 0',
    to: 'peer !== leg && outlook.isClosed(peer) && of(peer) > 0',
  },
  {
    name: 'a target is left alone when its stop fills',
    file: 'src/domain/contingent.ts',
    from: "if (wanted === outlook.quantityLots(leg) || command !== 'idle' || !isResizable) return [];",
    to: "if (wanted <= outlook.quantityLots(leg) || command !== 'idle' || !isResizable) return [];",
  },
  {
    name: 'what two exits fill too much is kept',
    file: 'src/domain/protection.ts',
    from: 'if (isFlip(change)) events.push(...closeExcess(state, lots(missing), change));',
    to: 'if (isFlip(change)) events.push();',
  },
  {
    name: 'a stop that ended is not replaced',
    file: 'src/domain/protection.ts',
    from: 'if (own === undefined) return replace(state, outlook, { quantityLots: missing, change });',
    to: 'if (own === undefined) return [];',
  },
  {
    name: 'an order of unknown outcome does not bar its symbol',
    file: 'src/domain/risk/identity-rules.ts',
    from: 'if (order.unknown)',
    to: 'if (order.unknown && order.reducing && !order.reducing)',
  },
  {
    name: 'an amend that is refused leaves an order open that is filled',
    file: 'src/domain/reports.ts',
    from: "if (events[0]?.type !== 'AmendRejected' || isClosed(order) || !isFilled) return events;",
    to: 'if (isFilled || !isFilled) return events;',
  },
  {
    name: 'a stop at the venue is never made larger or smaller',
    file: 'src/domain/resting-stop.ts',
    from: "if (command !== 'idle' || venue !== 'accepted' || quantityLots === outlook.quantityLots(stop)) return [];",
    to: "if (command !== 'idle' || venue !== 'accepted' || stop !== null) return [];",
  },
  {
    name: "what a refused amendment leaves without cover is nobody's",
    file: 'src/domain/resting-stop.ts',
    from: 'if (order.protect.quantityLots > order.quantityLots) return [lapseOf(order)];',
    to: 'if (order.protect.quantityLots > order.quantityLots) return [];',
  },
];
