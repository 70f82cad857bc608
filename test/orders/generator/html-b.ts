/**
 * Printed orders of family b as HTML: a letter, a landscape list, cards of facts, footers in columns.
 *
 * Owns: layouts that people and small shops make.
 */
import type { Dice } from './dice.ts';
import { escapeXml } from './flat-office.ts';
import { div, type PrintedPage, page } from './html-a.ts';
import { type Paper, textOf } from './paper.ts';

export function htmlB(paper: Paper, dice: Dice): PrintedPage {
  const layout = dice.pick([letter, landscape, cards]);
  const spacing = dice.pick(['0.4mm 1mm', '1.4mm 2mm']);
  const css = `td,th{padding:${spacing}} .cells{display:grid;width:100%} .card{border:0.5pt solid #999;padding:2mm;margin:1mm;min-width:36mm}
    .foot{margin-top:12mm;font-size:70%;display:flex;color:#555} .foot div,.sum *{margin-right:6mm} .wrap{display:flex;flex-wrap:wrap}
    .sum{display:flex;justify-content:flex-end}`;
  const { html, extra } = layout(paper, dice);
  return {
    html: page(`${css} ${extra}`, html, paper.order.language),
    visible: textOf(paper),
    traps: [],
    features: [layout.name],
  };
}

interface Layout {
  html: string;
  extra: string;
}

const font = (dice: Dice) =>
  `body{font:${dice.pick([9, 10, 11])}pt '${dice.pick(['Liberation Sans', 'Liberation Serif', 'DejaVu Sans', 'Liberation Mono'])}'}`;

/** Sender in one small line, recipient in the window, facts in a sentence of labels. */
function letter(paper: Paper, dice: Dice): Layout {
  const html = [
    `<div style="font-size:70%;text-decoration:underline">${escapeXml(paper.letterhead.slice(0, 3).join(' · '))}</div>`,
    ...paper.blocks
      .filter(({ field }) => field === null)
      .map(({ label, lines }) => `<div style="margin:6mm 0">${[label, ...lines].map(div).join('')}</div>`),
    `<h1>${escapeXml(paper.title)}</h1>`,
    ...paper.facts.map(({ label, value }) => `<div>${escapeXml(`${label}: ${value.text}`)}</div>`),
    `<p>${escapeXml(paper.intro)}</p>`,
    table(paper),
    sums(paper),
    ...delivery(paper).map(({ label, lines }) => `<p>${escapeXml(`${label}: ${lines.join(', ')}`)}</p>`),
    ...paper.notes.map((note) => `<p>${escapeXml(note)}</p>`),
    `<p>${paper.closing.map(escapeXml).join('<br>')}</p>`,
  ];
  return { html: html.join('\n'), extra: font(dice) };
}

function landscape(paper: Paper, dice: Dice): Layout {
  const facts = paper.facts.map(
    ({ label, value }) => `<td><b>${escapeXml(label)}</b></td><td>${escapeXml(value.text)}</td>`,
  );
  const lines: string[] = [];
  for (let i = 0; i < facts.length; i += 3) lines.push(`<tr>${facts.slice(i, i + 3).join('')}</tr>`);
  const html = [
    `<div class="sum" style="justify-content:space-between"><h1>${escapeXml(paper.title)}</h1><div>${paper.letterhead.slice(0, 4).map(div).join('')}</div></div>`,
    `<table>${lines.join('')}</table>`,
    ...paper.blocks.map(
      ({ label, lines: block }) =>
        `<table><tr><td><b>${escapeXml(label)}</b></td><td>${block.map(div).join('')}</td></tr></table>`,
    ),
    table(paper),
    sums(paper),
  ];
  return { html: html.join('\n'), extra: `@page{size:A4 landscape;margin:10mm} ${font(dice)}` };
}

/** Each fact in a card, its label above it; the sender in the foot. */
function cards(paper: Paper, dice: Dice): Layout {
  const card = (label: string, lines: readonly string[]) =>
    `<div class="card"><div style="font-size:75%;color:#666">${escapeXml(label)}</div>${lines.map(div).join('')}</div>`;
  const html = [
    `<h1>${escapeXml(paper.title)}</h1>`,
    `<div class="wrap">${[...paper.facts.map(({ label, value }) => card(label, [value.text])), ...paper.blocks.map(({ label, lines }) => card(label, lines))].join('')}</div>`,
    `<p>${escapeXml(paper.intro)}</p>`,
    table(paper),
    sums(paper),
    ...paper.notes.map((note) => `<p>${escapeXml(note)}</p>`),
    `<div class="foot">${[paper.letterhead.slice(0, 3), paper.letterhead.slice(3, 6)].map((part) => `<div>${part.map(div).join('')}</div>`).join('')}</div>`,
  ];
  return { html: html.join('\n'), extra: font(dice) };
}

const delivery = ({ blocks }: Paper) => blocks.filter(({ field }) => field !== null);

/** Columns of equal standing, all from the left or the middle, zebra stripes. */
function table(paper: Paper): string {
  const align = paper.order.items.length % 2 === 0 ? 'left' : 'center';
  const isStacked = paper.columns.some(({ over }) => over !== '');
  const cells = (texts: readonly string[], tag: 'td' | 'th') =>
    texts.map((text) => `<${tag} style="text-align:${align}">${escapeXml(text)}</${tag}>`).join('');
  const upper = isStacked
    ? `<tr>${cells(
        paper.columns.map(({ over }) => over),
        'th',
      )}</tr>`
    : '';
  const rows = paper.rows.map((row, i) => {
    if (row.kind === 'blank') return `<tr><td>&nbsp;</td></tr>`;
    if (row.kind === 'section') return `<tr><th colspan="${paper.columns.length}">${escapeXml(row.text)}</th></tr>`;
    return `<tr${i % 2 === 0 ? ' style="background:#eef"' : ''}>${cells(
      row.cells.map(({ text }) => text),
      'td',
    )}</tr>`;
  });
  return `<table class="items"><thead>${upper}<tr>${cells(
    paper.columns.map(({ header }) => header),
    'th',
  )}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}

const sums = ({ totals }: Paper): string =>
  totals
    .map(
      ({ label, value }) =>
        `<div class="sum"><span>${escapeXml(label)}</span><span>${escapeXml(value.text)}</span></div>`,
    )
    .join('');
