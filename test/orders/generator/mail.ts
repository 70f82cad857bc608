/**
 * Messages made by nodemailer: orders in the body, in attachments, forwarded, above a quoted one.
 *
 * Owns: MIME around what others have written. Transfer encodings and structure vary; senders are the buyers.
 */
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Dice } from './dice.ts';
import { escapeXml } from './flat-office.ts';
import type { Paper } from './paper.ts';
import { quotedOrder } from './prose.ts';
import type { Attachment } from './truth.ts';
import { fill } from './wording/wording.ts';

interface Letter {
  subject: string;
  text: string;
  html?: string;
  attachments: readonly Attachment[];
}

async function messageBytes({ order }: Paper, letter: Letter, dice: Dice): Promise<Uint8Array> {
  const composer = new MailComposer({
    from: dice.chance(0.7) ? { name: order.buyer.person, address: order.buyer.email } : order.buyer.email,
    to: order.supplier.email,
    subject: letter.subject,
    text: letter.text,
    ...(letter.html === undefined ? {} : { html: letter.html }),
    date: new Date(`${order.orderDay}T08:09:10Z`),
    messageId: `<${dice.digits(12)}@${order.buyer.email.split('@')[1]}>`,
    baseBoundary: dice.digits(10),
    encoding: dice.pick(['quoted-printable', 'base64'] as const),
    attachments: letter.attachments.map(({ filename, bytes }) => ({ filename, content: Buffer.from(bytes) })),
  });
  return new Uint8Array(await composer.compile().build());
}

/** The order in the body; sometimes as HTML too, sometimes as HTML alone. */
export function bodyMessage(paper: Paper, subject: string, text: string, dice: Dice): Promise<Uint8Array> {
  const html = `<html><body>${text
    .split('\n')
    .map((line) => `<div>${line === '' ? '<br>' : escapeXml(line)}</div>`)
    .join('')}</body></html>`;
  const kind = dice.int(1, 4);
  const letter = kind === 1 ? { text, html } : kind === 2 ? { text: '', html } : { text };
  return messageBytes(paper, { ...letter, subject, attachments: [] }, dice);
}

/** A few words, the order attached; sometimes above an old order. What the words say goes with it. */
export async function coverMessage(
  paper: Paper,
  file: Attachment,
  dice: Dice,
): Promise<{ bytes: Uint8Array; said: string; subject: string; quotes: boolean }> {
  const { order, wording } = paper;
  const quotes = dice.chance(0.25);
  const subject = fill(wording.subject[2] as string, { po: order.poNumber, name: order.buyer.name });
  const said = [
    fill(dice.pick(wording.greeting), { name: order.supplier.person }),
    dice.pick(wording.intro),
    [dice.pick(wording.closing), order.buyer.person].join('\n'),
  ].join('\n\n');
  const text = quotes ? `${said}\n\n${quotedOrder(paper, dice)}` : said;
  return { bytes: await messageBytes(paper, { subject, text, attachments: [file] }, dice), said, subject, quotes };
}

/** The message of the one who ordered, passed on by a colleague in the text. */
export function forwardedText({ order, wording }: Paper, text: string, subject: string): string {
  const head = [
    `${wording.from}: ${order.buyer.person} <${order.buyer.email}>`,
    `${wording.sent}: ${order.orderDay}`,
    `${wording.subjectLabel}: ${subject}`,
    `${wording.to}: ${order.supplier.email}`,
  ];
  return ['FYI', '', wording.forwarded, ...head, '', text].join('\n');
}
