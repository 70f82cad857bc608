/** Orders as clients send them, each of its own kind and unlike every other, with what must come of them. */
import { randomUUID } from 'node:crypto';
import ExcelJS from 'exceljs';

/**
 * `form`: a form with a workbook that says all. `mail`: an e-mail with such a workbook. `text`: a form without files, so
 * that a model is asked for what it leaves open. `late`: the same while no model can be reached at first.
 */
export type Kind = 'form' | 'mail' | 'text' | 'late';

export type SentBody = string | FormData | Uint8Array<ArrayBuffer>;

export interface SentOrder {
  kind: Kind;
  /** Stands in what is sent, and in what a model is asked. */
  mark: string;
  /** Of the request, and of the decision. */
  keys: { send: string; decide: string };
  request(): { body: SentBody; headers: Record<string, string> };
  approves: boolean;
  decision: object;
  /** Of the draft, when it is all there is to come. */
  versions: number;
  /** Questions to a model. */
  questions: number;
  csv: string;
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const FROM = 'buyer@acme.example';
const HEADER = 'line_no,sku,description,qty,uom,unit_price';
/** Lines of two orders must differ, or one is a duplicate of the other. */
let sent = 0;

export async function anOrder(kind: Kind, approves = true): Promise<SentOrder> {
  const quantity = 100 + ++sent;
  const mark = `chaos-${sent}-${randomUUID().slice(0, 8)}`;
  const common = { kind, mark, keys: { send: `send-${mark}`, decide: `decide-${mark}` }, approves };
  if (kind === 'text' || kind === 'late') {
    const body = `Please send ${quantity} boxes of ${mark} pens by 2027-03-02`;
    return {
      ...common,
      request: () => ({ body: form({ from_email: FROM, subject: mark, body }), headers: {} }),
      decision: approves
        ? { corrections: { 'lines[1].sku': 'PEN-B', 'delivery.address': '12 Rue X' } }
        : { approved: false },
      versions: kind === 'late' ? 2 : 1,
      questions: 1,
      csv: [HEADER, `1,PEN-B,${mark} pens,${quantity},box,`, ''].join('\r\n'),
    };
  }
  const workbook = await aWorkbook(quantity);
  const fields = {
    ...{ from_email: FROM, subject: mark },
    ...{ delivery_address: '1 quai X, Lyon', delivery_date: '2027-02-01' },
  };
  return {
    ...common,
    request: () =>
      kind === 'form'
        ? { body: form(fields, workbook), headers: {} }
        : { body: aMessage(mark, workbook), headers: { 'Content-Type': 'message/rfc822' } },
    decision: approves ? { notes: 'as agreed' } : { approved: false },
    versions: 1,
    questions: 0,
    csv: [HEADER, `1,A-1,Vis,${quantity},,1.25`, '2,A-2,Écrou,40,,0.5', ''].join('\r\n'),
  };
}

function form(fields: Record<string, string>, workbook?: Uint8Array<ArrayBuffer>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  if (workbook) data.append('files', new Blob([workbook], { type: XLSX }), 'commande.xlsx');
  return data;
}

async function aWorkbook(quantity: number): Promise<Uint8Array<ArrayBuffer>> {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet('Commande');
  sheet.addRow(['Réf', 'Désignation', 'Qté', 'PU HT']);
  sheet.addRow(['A-1', 'Vis', quantity, '1,25']);
  sheet.addRow(['A-2', 'Écrou', 40, '0,50']);
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}

function aMessage(mark: string, workbook: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = 'Hello\r\n\r\nShip to: 1 quai X, 69002 Lyon\r\nDelivery date: 2027-02-01\r\n';
  const lines = [
    `From: Buyer <${FROM}>`,
    ...['To: orders@us.example', `Subject: ${mark}`, 'MIME-Version: 1.0'],
    ...['Content-Type: multipart/mixed; boundary="parts"', '', '--parts'],
    ...['Content-Type: text/plain; charset=utf-8', '', text, '--parts'],
    ...[`Content-Type: ${XLSX}; name="commande.xlsx"`, 'Content-Transfer-Encoding: base64'],
    ...['Content-Disposition: attachment; filename="commande.xlsx"', ''],
    ...(Buffer.from(workbook)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
    ...['--parts--', ''],
  ];
  return new Uint8Array(Buffer.from(lines.join('\r\n')));
}
