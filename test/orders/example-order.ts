/**
 * Writes `examples/orders` anew: `node test/orders/example-order.ts`. WeasyPrint must be installed.
 *
 * Owns: what stands in the order that `npm run demo:orders` shows, and what is wrong with it: an amount that does not add
 * up, a quantity with a zero too many, an item without number. Does not own how the demo tells of it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import ExcelJS from 'exceljs';
import MailComposer from 'nodemailer/lib/mail-composer';
import { escapeXml } from './generator/flat-office.ts';
import { printByWeasyPrint } from './generator/programs.ts';

const FOLDER = join(import.meta.dirname, '../../examples/orders');
const PO = 'PO-2026-1187';
const BUYER = ['Brightwater Laboratories Ltd', '27 Harbour Road, Bristol BS1 6QF, United Kingdom'];
const ORDERED = '2026-11-24T08:41:17Z';

interface Item {
  sku: string | null;
  description: string;
  qty: number;
  unit: string;
  price: number;
  /** As it was typed over the formula. */
  typed?: number;
}

const ITEMS: readonly Item[] = [
  { sku: 'LX-2040', description: 'Beaker, borosilicate glass, low form, 400 ml', qty: 24, unit: 'pcs', price: 6.85 },
  { sku: 'LX-2060', description: 'Beaker, borosilicate glass, low form, 600 ml', qty: 12, unit: 'pcs', price: 8.2 },
  { sku: '00110', description: 'Pipette tips 10 µl, sterile, rack of 96', qty: 40, unit: 'box', price: 11.5 },
  { sku: 'FL-0500', description: 'Erlenmeyer flask 500 ml', qty: 18, unit: 'pcs', price: 9.75, typed: 157.5 },
  { sku: 'GL-M100', description: 'Nitrile gloves, powder-free, size M', qty: 600, unit: 'box', price: 7.9 },
  { sku: null, description: 'Stirring bar PTFE, 25 x 8 mm', qty: 30, unit: 'pcs', price: 2.4 },
  { sku: 'TH-0200', description: 'Thermometer, -10 to 200 °C', qty: 6, unit: 'pcs', price: 14.6 },
];
const FIRST_ROW = 13;
const COLUMNS = [
  ['Item no.', 14],
  ['Description', 44],
  ['Qty', 8],
  ['Unit', 8],
  ['Unit price (EUR)', 16],
  ['Amount (EUR)', 16],
] as const;
const MONEY = '#,##0.00';

const cents = (value: number): number => Math.round(value * 100) / 100;
const amountOf = ({ qty, price, typed }: Item): number => typed ?? cents(qty * price);

async function workbook(): Promise<Uint8Array> {
  const book = new ExcelJS.Workbook();
  book.creator = 'Brightwater Purchasing';
  book.created = book.modified = new Date(ORDERED);
  const sheet = book.addWorksheet('Order', { pageSetup: { paperSize: 9, fitToPage: true, fitToHeight: 0 } });
  for (const [index, [, width]] of COLUMNS.entries()) sheet.getColumn(index + 1).width = width;
  letterhead(sheet);
  const header = sheet.getRow(FIRST_ROW - 1);
  for (const [index, [title]] of COLUMNS.entries()) {
    const cell = header.getCell(index + 1);
    cell.value = title;
    cell.font = { bold: true };
    cell.border = { bottom: { style: 'thin' } };
    if (index > 1 && index !== 3) cell.alignment = { horizontal: 'right' };
  }
  for (const [index, item] of ITEMS.entries()) itemRow(sheet, FIRST_ROW + index, item);
  totals(sheet, FIRST_ROW + ITEMS.length);
  return new Uint8Array(await book.xlsx.writeBuffer());
}

function letterhead(sheet: ExcelJS.Worksheet): void {
  const [name, address] = BUYER;
  sheet.mergeCells('A1:F1');
  sheet.getCell('A1').value = name;
  sheet.getCell('A1').font = { bold: true, size: 16, color: { argb: 'FF1F4E79' } };
  sheet.getCell('A2').value = address;
  sheet.getCell('A3').value = 'VAT no. GB 362 9184 07';
  sheet.getCell('A5').value = 'PURCHASE ORDER';
  sheet.getCell('A5').font = { bold: true, size: 14 };
  const facts: [string, ExcelJS.CellValue, string, ExcelJS.CellValue][] = [
    ['PO number', PO, 'Supplier', 'Nordlicht Laborbedarf GmbH'],
    ['Order date', new Date('2026-11-24T00:00:00Z'), 'Quotation', 'Q-44871'],
    ['Buyer', 'Amara Okafor', 'Payment', '30 days net'],
    ['Currency', 'EUR', 'Incoterm', 'DAP Bristol'],
  ];
  for (const [index, [left, value, right, other]] of facts.entries()) {
    const row = sheet.getRow(index + 6);
    row.getCell(1).value = left;
    row.getCell(2).value = value;
    row.getCell(2).alignment = { horizontal: 'left' };
    if (value instanceof Date) row.getCell(2).numFmt = 'dd/mm/yyyy';
    row.getCell(4).value = right;
    row.getCell(5).value = other;
  }
}

function itemRow(sheet: ExcelJS.Worksheet, at: number, item: Item): void {
  const row = sheet.getRow(at);
  row.getCell(1).value = item.sku;
  row.getCell(2).value = item.description;
  row.getCell(3).value = item.qty;
  row.getCell(4).value = item.unit;
  row.getCell(5).value = item.price;
  row.getCell(6).value = item.typed ?? { formula: `C${at}*E${at}`, result: amountOf(item) };
  for (const column of [5, 6]) row.getCell(column).numFmt = MONEY;
}

function totals(sheet: ExcelJS.Worksheet, at: number): void {
  const subtotal = cents(ITEMS.reduce((sum, item) => sum + amountOf(item), 0));
  const vat = cents(subtotal * 0.2);
  const rows = [
    ['Subtotal', { formula: `SUM(F${FIRST_ROW}:F${at - 1})`, result: subtotal }],
    ['VAT 20 %', { formula: `ROUND(F${at}*0.2,2)`, result: vat }],
    ['Total', { formula: `F${at}+F${at + 1}`, result: cents(subtotal + vat) }],
  ] as const;
  for (const [index, [label, value]] of rows.entries()) {
    const row = sheet.getRow(at + index);
    row.getCell(5).value = label;
    row.getCell(6).value = value;
    row.getCell(6).numFmt = MONEY;
    row.getCell(6).font = row.getCell(5).font = { bold: index === 2 };
  }
  sheet.getCell(`A${at + 4}`).value =
    'Prices as in your quotation. Delivery instructions: see the separate sheet (PDF).';
}

const DELIVERY_PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><style>
@page{size:A4;margin:22mm} body{font:10pt 'Liberation Sans'} table{border-collapse:collapse;margin:6mm 0}
td{padding:1mm 12mm 1mm 0;vertical-align:top}</style></head><body>
${BUYER.map((line) => `<div>${escapeXml(line)}</div>`).join('')}
<h2>Delivery instructions</h2>
<table><tr><td>Purchase order</td><td>${PO}</td></tr><tr><td>Delivery date</td><td>15 March 2027</td></tr>
<tr><td>Carrier</td><td>your choice, with advance notice by e-mail</td></tr></table>
<table><tr><td>Deliver to:<br>Brightwater Laboratories Ltd<br>Goods-in, Gate 3<br>14 Quayside Lane<br>Bristol BS2 0PT<br>United Kingdom</td>
<td>Invoice to:<br>Brightwater Laboratories Ltd<br>Accounts payable<br>27 Harbour Road<br>Bristol BS1 6QF<br>United Kingdom</td></tr></table>
<p>Goods-in is open Monday to Friday, 7:30 to 15:00. Please put the purchase order number on every parcel.</p>
</body></html>`;

const SIGNATURE = ['Kind regards', 'Amara Okafor', 'Purchasing', ...BUYER, 'Tel. +44 117 496 0184'];
const LETTER = [
  'Dear Mr Petersen,',
  `please find attached our purchase order ${PO} (Excel) and the delivery instructions (PDF).`,
  'Item 6 is new to us and we could not find your number for it; it is the PTFE stirring bar we talked about on the phone.',
  'Please confirm the order by return.',
];
const EARLIER = [
  'Dear Ms Okafor,',
  '',
  'thank you, we confirm your order PO-2026-0932:',
  '',
  '10 x LX-2040 Beaker 400 ml',
  '5 boxes of GL-M100 Nitrile gloves, size M',
  '',
  'Delivery date: 20 October 2026, to 27 Harbour Road as usual.',
  '',
  'Lars Petersen',
  'Nordlicht Laborbedarf GmbH',
];
const WROTE = 'On Mon, 12 Oct 2026 at 10:02, Lars Petersen <orders@nordlicht-labor.example> wrote:';

const text = [
  LETTER.join('\n\n'),
  SIGNATURE.join('\n'),
  [WROTE, ...EARLIER.map((line) => `> ${line}`.trimEnd())].join('\n'),
].join('\n\n');

const html = `<html><body>${LETTER.map((line) => `<p>${escapeXml(line)}</p>`).join('')}
<p>${SIGNATURE.map(escapeXml).join('<br>')}</p><p><img src="cid:logo" alt="Brightwater"></p>
<div>${escapeXml(WROTE)}</div><blockquote type="cite">${EARLIER.map(escapeXml).join('<br>')}</blockquote></body></html>`;

/** A wave on white, as a PNG of 96 by 24 pixels. */
function logo(): Uint8Array {
  const [width, height] = [96, 24];
  const isInk = (x: number, y: number) => Math.abs(y - 12 - 7 * Math.sin(x / 8)) < 2.5;
  const rows = Array.from({ length: height }, (_, y) => [0, ...Array.from({ length: width }, (_, x) => +!isInk(x, y))]);
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // 8 bits a pixel, of a palette.
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from([0x1f, 0x4e, 0x79, 0xff, 0xff, 0xff])),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const [sheet, [page]] = [await workbook(), await printByWeasyPrint([{ name: 'delivery', source: DELIVERY_PAGE }])];
const files = [
  { filename: `${PO}.xlsx`, content: Buffer.from(sheet) },
  { filename: `${PO} delivery.pdf`, content: Buffer.from(page as Uint8Array) },
];
const mail = new MailComposer({
  ...{ from: { name: 'Amara Okafor', address: 'amara.okafor@brightwater-labs.example' }, text, html },
  to: { name: 'Lars Petersen', address: 'orders@nordlicht-labor.example' },
  subject: `Purchase order ${PO}`,
  date: new Date(ORDERED),
  messageId: '<20261124084117.7731@brightwater-labs.example>',
  baseBoundary: 'brightwater',
  attachments: [...files, { filename: 'logo.png', content: Buffer.from(logo()), cid: 'logo' }],
});
await mkdir(FOLDER, { recursive: true });
await writeFile(join(FOLDER, 'order-mail.eml'), await mail.compile().build());
for (const { filename, content } of files) await writeFile(join(FOLDER, filename.replaceAll(' ', '-')), content);
await writeFile(join(FOLDER, 'order-mail.txt'), `${text}\n`);
