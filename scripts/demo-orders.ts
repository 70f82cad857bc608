/**
 * `npm run demo:orders`: an order comes by mail, a person corrects and approves it, a CSV comes out.
 *
 * Always on a platform of its own, which ends with it: what a model says is played back from a file, and the order is
 * made up. Ends with an error unless everything goes as it should.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '../src/cli/client.ts';
import { facts, plain, standardTerminal, table } from '../src/cli/terminal.ts';
import { Fault } from '../src/errors.ts';
import type { OrderRow, OrderView } from '../src/store/orders.ts';
import { demoPage } from './demo-page.ts';
import {
  attachmentsText,
  changesText,
  headText,
  indented,
  issuesText,
  linesText,
  sheetsOfLines,
} from './order-text.ts';
import { startOwnPlatform } from './own-platform.ts';

const MAIL = 'examples/orders/order-mail.eml';
const ANSWERS = 'examples/orders/model-answers.json';
const inProject = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The mail server sends; it cannot approve. Mia approves. */
const KEYS = { 'mail-server': 'orders:write+orders:read', mia: 'orders:read+orders:approve' };
/** What Mia has found out by a phone call. */
const CORRECTIONS = {
  'lines[4].total_price': 175.5,
  'lines[5]': { qty: 60, total_price: 474 },
  'lines[6].sku': 'MSB-2508',
  'customer.name': 'Brightwater Laboratories Ltd',
  totals: { subtotal: 1531.9, tax: 306.38, total: 1838.28 },
};
const NOTES = 'Called Ms Okafor: 60 boxes of gloves, not 600; the stirring bar is our MSB-2508.';
const REJECTION = 'The mail came twice.';
const LOOK_EVERY_MS = 100;
const DRAFT_WITHIN_MS = 60_000;

const terminal = standardTerminal(process);
const { print, style } = terminal;
const { title, heading, quote, next } = demoPage(terminal);

async function demo(): Promise<void> {
  print('Starting a platform for this demo …');
  const keys = Object.entries(KEYS).map(([name, scopes]) => ({ name, scopes, key: randomBytes(24).toString('hex') }));
  const entries = keys.map(({ name, scopes, key }) => `${name}:${scopes}:${sha256(key)}`);
  const platform = await startOwnPlatform({
    ...{ LLM_TEST_MODE: 'true', LLM_TEST_SCRIPT: inProject(ANSWERS), API_KEYS: entries.join() },
  });
  try {
    print(`Its order intake serves ${platform.orderIntakeUrl} and ends with the demo.`);
    print(
      style(
        'yellow',
        `No language model is asked. The one thing that a model says was written beforehand, stands in
${ANSWERS} and is played back by the test provider; all else is read from the files.`,
      ),
    );
    const [mailServer, mia] = keys.map(
      ({ key }) => new Client({ url: platform.orderIntakeUrl, apiKey: key }, terminal.complain),
    ) as [Client, Client];
    await show(mailServer, mia);
  } finally {
    await platform.stop();
  }
}

async function show(mailServer: Client, mia: Client): Promise<void> {
  title('1  A mail comes in, with a sheet and a page attached');
  const order = await send(mailServer);
  quote(`From: ${order.from_email}\nSubject: ${order.subject}\n\n${order.body_text}`);
  print('');
  heading('Files', 'and what became of each');
  print(attachmentsText(order, terminal));

  title('2  The draft that was made of it');
  showDraft(order);

  title('3  What a person has to look at');
  print(issuesText(order, terminal));
  checkIssues(order);
  heading('E-mail to the customer', 'a draft: nothing is ever sent');
  showEmail(order);

  title('4  Approving it as it is');
  await tryToApprove(mia, order);

  title('5  Approving it with corrections');
  await approve(mia, order);

  title('6  The same mail once more');
  await rejectTheSecond(mailServer, mia, order);

  next(NEXT);
}

/** The order that the mail becomes, once its draft is there. */
async function send(client: Client): Promise<OrderView> {
  const body = await readFile(inProject(MAIL));
  print(`POST /orders/inbox with ${MAIL}, ${body.length.toLocaleString('en')} bytes, as message/rfc822\n`);
  const headers = { 'Content-Type': 'message/rfc822' };
  const response = await client.open('/orders/inbox', {}, { method: 'POST', headers, body });
  const { order_id } = (await response.json()) as { order_id: string };
  return orderOnce(client, order_id, ({ status }) => status !== 'RECEIVED');
}

async function orderOnce(client: Client, id: string, holds: (order: OrderView) => boolean): Promise<OrderView> {
  for (const until = Date.now() + DRAFT_WITHIN_MS; ; await pause(LOOK_EVERY_MS)) {
    const order = await client.get<OrderView>(`/orders/${id}`);
    if (holds(order)) return order;
    must(Date.now() < until, `order ${id} stays ${order.status}`);
  }
}

function showDraft(order: OrderView): void {
  heading('Order', 'each value with its place and how sure it is');
  print(headText(order, terminal));
  print('');
  heading('Lines', `the second row names cells of ${sheetsOfLines(order)}`);
  print(linesText(order, terminal));
  const { draft } = order;
  must(draft?.po_number === 'PO-2026-1187', 'the PO number is another one');
  must(draft.lines.length === 7, `there are ${draft.lines.length} lines, not 7 as in the sheet`);
  must(draft.delivery?.date === '2027-03-15', 'the delivery date of the page is not there');
  must(order.contact.phone === '+44 117 496 0184', 'the phone number of the signature is not there');
  must(!JSON.stringify(draft).includes('0932'), 'the quoted order was read');
  print(`\n  Read: the sheet, the page, the signature. Left out: the earlier order that the mail quotes.`);
}

function checkIssues({ missing_fields, anomalies }: OrderView): void {
  const missing = missing_fields.map(({ field, reason }) => `${field}: ${reason}`);
  must(missing.join() === 'sku: line 6 has no sku', `what is missing: ${missing.join() || 'nothing'}`);
  for (const [type, line] of [
    ['line_total_mismatch', 4],
    ['quantity_outlier', 5],
    ['not_in_source', 6],
  ] as const) {
    const told = anomalies.some((anomaly) => anomaly.type === type && anomaly.line_ref === line);
    must(told, `nobody is told of ${type} in line ${line}`);
  }
  print('\n  What a model says and nobody has written is only a suggestion: a person may take it, or know better.\n');
}

function showEmail({ email_draft }: OrderView): void {
  must(email_draft !== null, 'there is no e-mail draft');
  quote(`To: ${email_draft.to}\nSubject: ${email_draft.subject}\n\n${email_draft.body_text}`);
}

async function tryToApprove(mia: Client, { order_id, version }: OrderView): Promise<void> {
  const path = `/orders/${order_id}/validate`;
  sent(path, { version });
  const fault = await mia.post(path, { version }).then(
    () => null,
    (error: unknown) => error,
  );
  must(fault instanceof Fault && fault.code === 'VALIDATION_ERROR', 'it was not refused');
  print(`  ${style('red', '400')} ${plain(fault.message)}`);
  const missing = fault.details?.missing_fields as OrderView['missing_fields'];
  for (const { field, reason } of missing) print(`      ${plain(field)}: ${plain(reason)}`);
  const { status } = await mia.get<OrderView>(`/orders/${order_id}`);
  must(status === 'VALIDATION_REQUIRED', `the order is ${status}`);
}

async function approve(mia: Client, { order_id, version }: OrderView): Promise<void> {
  const path = `/orders/${order_id}/validate`;
  const body = { version, corrections: CORRECTIONS, notes: NOTES };
  sent(path, body);
  const { message } = await mia.post<{ message: string }>(path, body);
  print(`  ${style('green', '200')} ${message}\n`);
  const order = await orderOnce(mia, order_id, ({ status }) => status === 'EXPORTED');
  const { decision } = order;
  must(decision?.approved === true && decision.by === 'mia', 'nobody knows that Mia has approved it');
  heading('Decided', `by ${decision.by} at ${decision.at}: ${decision.notes}`);
  print(changesText(order, terminal));

  print('');
  const file = `/orders/${order_id}/export.csv`;
  const response = await mia.open(file, {}, { method: 'GET' });
  const csv = await response.text();
  heading('CSV', `GET ${file}; its file is ${order.export?.path}`);
  const rows = csv.trimEnd().split('\r\n');
  quote(rows.join('\n'));
  must(sha256(csv) === order.export?.sha256, 'the CSV is not the file that was written');
  must(rows.length === 8 && rows[5]?.endsWith(',60,box,7.9') === true, 'the CSV lacks the corrected quantity');
  must(rows[3]?.startsWith('3,00110,') === true, 'a number has lost its zeros');

  print('');
  heading('E-mail to the customer', 'another draft, now that the order is confirmed');
  showEmail(order);
}

async function rejectTheSecond(mailServer: Client, mia: Client, first: OrderView): Promise<void> {
  const second = await send(mailServer);
  const warning = second.anomalies.find(({ type }) => type === 'duplicate_order');
  must(warning?.description.includes(first.order_id) === true, 'nobody is told of the first order');
  print(`  ${style('red', warning.type)}  ${plain(warning.description)}\n`);
  const path = `/orders/${second.order_id}/validate`;
  const body = { approved: false, version: second.version, notes: REJECTION };
  sent(path, body);
  const { message } = await mia.post<{ message: string }>(path, body);
  print(`  ${style('green', '200')} ${message}\n`);
  const rejected = await orderOnce(mia, second.order_id, ({ status }) => status === 'REJECTED');
  must(rejected.export === null, 'a rejected order was exported');
  const orders = await mia.all<OrderRow>('/orders', 'orders');
  heading('Orders', 'GET /orders, newest first');
  const overview = table(
    orders,
    [
      { title: 'ORDER', of: ({ order_id }) => order_id },
      { title: 'STATUS', of: ({ status }) => status, style: ({ status }) => (status === 'EXPORTED' ? 'green' : 'red') },
      { title: 'PO NUMBER', of: ({ po_number }) => po_number },
      { title: 'LINES', of: ({ line_count }) => line_count, right: true },
      { title: 'FROM', of: ({ customer_email }) => customer_email, flexible: true },
    ],
    terminal,
  );
  print(indented(overview));
  must(orders.map(({ status }) => status).join() === 'REJECTED,EXPORTED', 'the list says something else');
}

/** What was posted, as JSON one member below the other. */
function sent(path: string, body: object): void {
  print(`POST ${path}`);
  const members = Object.entries(body).map(([name, value]) => [name, plain(JSON.stringify(value))] as const);
  print(`${indented(facts(members, terminal))}\n`);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`The demo does not go as it should: ${what}.`);
}

const NEXT = [
  ['start the platform, in a terminal of its own: order intake on http://localhost:8080', 'npm start'],
  ['send the same mail', `curl localhost:8080/orders/inbox -H 'Content-Type: message/rfc822' --data-binary @${MAIL}`],
  [
    'or its parts, as a form would',
    `curl localhost:8080/orders/inbox -F from_email=amara.okafor@brightwater-labs.example \\
    -F subject='Purchase order PO-2026-1187' -F 'body=<examples/orders/order-mail.txt' \\
    -F files=@examples/orders/PO-2026-1187.xlsx -F files=@examples/orders/PO-2026-1187-delivery.pdf`,
  ],
  ['what waits for a person', 'curl localhost:8080/orders/pending-validation'],
  ['read on', 'README.md, docs/orders.md; the API: http://localhost:8080/docs'],
] as const;

await demo();
