// The form of a list of contingent orders, checked for its shape; each of its orders as a form of its own.
import { listLegsMax, type OrderForm, type OrderRequest, orderIdLengthMax, readId, readOrderForm } from './commands.ts';
import type { ListId } from './ids.ts';
import { InputError } from './quantity.ts';

export interface OrderListForm {
  /** 1 to 32 of `A-Z a-z 0-9 _ -`; unique among orders and lists; made by the engine if absent. */
  readonly listId?: string;
  /** oto: the first order releases the others. oco: a fill of one cancels the others. ouo: a fill of one makes the others smaller. */
  readonly kind: 'oto' | 'oco' | 'ouo';
  /** Of oto: legs go out with every fill of the entry (default), or once it is filled. */
  readonly release?: 'partial' | 'full';
  readonly orders: readonly OrderForm[];
}

/** A list as the gate is asked for it. */
export interface OrderListRequest {
  readonly listId: ListId;
  readonly kind: OrderListForm['kind'];
  readonly release: NonNullable<OrderListForm['release']>;
  readonly orders: readonly OrderRequest[];
}

/** Fails: InputError that names the field, and the order by its place. */
export function readListForm(form: OrderListForm, fallbackId: () => string): OrderListRequest {
  const { kind, release = 'partial', orders } = form;
  if (kind !== 'oto' && kind !== 'oco' && kind !== 'ouo')
    throw new InputError('kind', String(kind), 'one of oto, oco, ouo');
  if (release !== 'partial' && release !== 'full')
    throw new InputError('release', String(release), 'one of partial, full');
  if (!Array.isArray(orders) || orders.length < 2 || orders.length > listLegsMax)
    throw new InputError(
      'orders',
      `${Array.isArray(orders) ? orders.length : String(orders)}`,
      `2 to ${listLegsMax} orders`,
    );
  const listId = readId('listId', form.listId ?? fallbackId(), orderIdLengthMax) as ListId;
  return { listId, kind, release, orders: orders.map((order, index) => readLeg(order, index, fallbackId)) };
}

function readLeg(order: OrderForm, index: number, fallbackId: () => string): OrderRequest {
  if (typeof order === 'object' && order?.positionId !== undefined)
    throw new InputError(
      `orders[${index}].positionId`,
      String(order.positionId),
      'left out: a list fills the net position',
    );
  try {
    return readOrderForm(order, fallbackId);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`orders[${index}].${error.field}`, error.value, error.limit);
    throw error;
  }
}
