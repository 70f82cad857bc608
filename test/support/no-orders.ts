/** For actors that have nothing to do with orders: whoever asks for one is told so. */
import type { OrderDesk } from '../../src/store/order-desk.ts';

const refuse = () => Promise.reject(new Error('this actor has nothing to do with orders'));

export const noOrders: OrderDesk = {
  open: refuse,
  earlier: refuse,
  exports: { write: refuse },
  llm: { complete: refuse },
};
