/**
 * Which order field a caller's name means.
 *
 * Owns: the synonyms. `customerName`, `customer_name` and `Customer name` are one name.
 */
import { fold } from '../texts/tokens.ts';

/** Where a name stands: the same word means another field in a customer than in a line. */
export type TopGroup = 'order' | 'customer' | 'delivery' | 'contact' | 'totals';
export type Group = TopGroup | 'line';

/** A path of the extraction; `lines`; a group as a whole; `line.qty` in a line, or of the only line. */
export type Binding = string;

const SYNONYMS: Readonly<Record<Group, Readonly<Record<Binding, string>>>> = {
  order: {
    order: 'order order_details order_data purchase_order_details',
    customer: 'customer client buyer customer_info customer_details customer_information',
    delivery: 'delivery shipping delivery_details delivery_info shipping_details shipping_info shipment',
    contact: 'contact contact_info contact_details contact_person',
    totals: 'totals amounts order_totals',
    lines:
      'items lines line_items order_items order_lines products articles positions order_line_items lineitems ordered_items',
    'customer.name': 'customer_name name client_name buyer_name company company_name customer_company ordered_by',
    'customer.vat': 'vat_number vat_id vat_no tax_id customer_vat vatin',
    'customer.email': 'email email_address e_mail customer_email contact_email buyer_email mail',
    'customer.address': 'customer_address billing_address invoice_address client_address buyer_address bill_to',
    'delivery.address':
      'delivery_address address shipping_address ship_to deliver_to delivery_location destination ship_to_address',
    'delivery.date':
      'delivery_date due_date deliver_by required_date needed_by delivery_by requested_delivery_date requested_date shipping_date ship_date',
    'delivery.incoterm': 'incoterm incoterms delivery_terms',
    po_number:
      'po po_number po_no purchase_order purchase_order_number purchase_order_no order_number order_no order_id',
    currency: 'currency currency_code',
    'contact.name': 'contact_name',
    'contact.phone': 'phone phone_number telephone tel mobile customer_phone contact_phone telephone_number',
    'totals.subtotal': 'subtotal sub_total net_total total_net net_amount',
    'totals.tax': 'tax vat vat_amount tax_amount total_tax',
    'totals.total':
      'total grand_total total_amount order_total total_price amount total_cost order_value amount_due sum',
    notes: 'notes note comments comment remarks remark special_instructions instructions',
    'line.description': 'product product_name item item_name description item_description product_description article',
    'line.sku': 'sku item_number article_number part_number product_code item_code',
    'line.qty': 'quantity qty',
    'line.uom': 'uom unit unit_of_measure',
    'line.unit_price': 'unit_price price price_per_unit',
  },
  customer: {
    'customer.name': 'name customer_name company company_name full_name',
    'customer.vat': 'vat vat_number vat_id tax_id',
    'customer.address': 'address customer_address billing_address',
    'customer.email': 'email email_address customer_email',
    'contact.phone': 'phone phone_number telephone tel',
  },
  delivery: {
    'delivery.address': 'address delivery_address shipping_address location destination',
    'delivery.date': 'date delivery_date due_date by',
    'delivery.incoterm': 'incoterm incoterms terms',
  },
  contact: {
    'contact.name': 'name contact_name full_name',
    'contact.phone': 'phone phone_number telephone tel',
    'customer.email': 'email email_address',
  },
  totals: {
    'totals.subtotal': 'subtotal sub_total net net_total',
    'totals.tax': 'tax vat vat_amount tax_amount',
    'totals.total': 'total grand_total gross gross_total amount',
    currency: 'currency currency_code',
  },
  line: {
    'line.no': 'line_no line_number position pos no line',
    'line.description':
      'name product product_name item item_name title description desc item_description product_description article label',
    'line.sku':
      'sku item_no item_number article_no article_number part_no part_number product_code item_code code ref reference product_id item_id',
    'line.qty': 'quantity qty count units amount_ordered ordered',
    'line.uom': 'uom unit unit_of_measure',
    'line.unit_price': 'unit_price price price_per_unit price_each unit_cost cost rate',
    'line.total_price': 'total_price total line_total amount subtotal extended_price line_amount',
    currency: 'currency currency_code',
  },
};

const BINDINGS: ReadonlyMap<string, Binding> = new Map(
  Object.entries(SYNONYMS).flatMap(([group, fields]) =>
    Object.entries(fields).flatMap(([binding, names]) =>
      names.split(' ').map((name) => [`${group} ${name}`, binding] as const),
    ),
  ),
);

/** The field that a name means in a group; null if none. */
export const bindingOf = (name: string, group: Group): Binding | null =>
  BINDINGS.get(`${group} ${plainName(name)}`) ?? null;

/** The group of a binding that stands for several fields. */
export const groupOf = (binding: Binding | null): TopGroup | null => GROUPS.find((group) => group === binding) ?? null;

const GROUPS = ['order', 'customer', 'delivery', 'contact', 'totals'] as const;

/** What a group is in one value: a customer called by name. */
export const SCALAR_OF: Readonly<Record<TopGroup, Binding | null>> = {
  order: null,
  customer: 'customer.name',
  delivery: 'delivery.address',
  contact: 'contact.name',
  totals: 'totals.total',
};

/** The names of a group when a caller leaves them open. */
export const membersOf = (group: TopGroup): readonly string[] =>
  (group === 'order' ? [] : Object.values(SYNONYMS[group])).map((names) => names.split(' ')[0] as string);

/** Lower case, words joined by `_`, without accents. */
export const plainName = (name: string): string =>
  fold(name.replace(/(?<=[a-z\d])(?=[A-Z])/g, '_'))
    .replace(/[^a-z\d]+/g, '_')
    .replace(/^_|_$/g, '');
