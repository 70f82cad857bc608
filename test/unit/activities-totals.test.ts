/** Labels of rows that add up others, days of the week and months, in ten languages. */
import { describe, expect, it } from 'vitest';
import { monthOf } from '../../machines/activities/headers/months.ts';
import { totalLabel } from '../../machines/activities/headers/totals.ts';
import { isDayColumn, weekdayOf, weekdaysIn } from '../../machines/activities/headers/weekdays.ts';

describe('a row label', () => {
  it.each(
    [
      'Total, TOTAL, Totals, Grand total, Sum, Total:, Total (6 entries), Total hours, Total: 12:30, Overall, Σ, Total 2026-03, Sum of hours',
      'Summe, Gesamt, Gesamtsumme, Gesamtergebnis, Ergebnis, Summe März, Summe KW 10, Gesamt: 12 Std., Total général, Totaux, Somme, Suma, Total general',
      'Totale, Totale generale, Total geral, Soma, Totaal, Eindtotaal, Razem, Łącznie, Suma końcowa, Celkem, Celkový součet, 合計, 総計, 総合計, 計',
    ].flatMap((line) => line.split(', ')),
  )('%s is a total', (label) => {
    expect(totalLabel(label)).toBe('total');
  });

  it.each(
    [
      'Subtotal, Sub-total, Zwischensumme, Wochensumme, Sous-total, Subtotale, Subtotaal, Suma częściowa, Mezisoučet, 小計',
      'Finance Total, Ann Doe Total, Finance Ergebnis, Total Finance, Total for Ann Doe, Total: Ann Doe, Summe für Acme, Grand total: Acme',
    ].flatMap((line) => line.split(', ')),
  )('%s is a subtotal', (label) => {
    expect(totalLabel(label)).toBe('subtotal');
  });

  it.each([
    'Total redesign of the shop',
    'Total redesign',
    'Summarize report',
    'Sum up meeting',
    'Gesamtplanung besprechen',
    'Check total',
    'Review Total',
    'Summe prüfen',
    'Total Quality Management',
    'Total Quality Management workshop',
    'Update totals in sheet',
    'Ann Bob Eve Joe Total',
    '合計を確認',
    'Total '.repeat(20),
    'Invoice check',
    '',
    '--',
    '(Σ)',
  ])('«%s» is of a record', (label) => {
    expect(totalLabel(label)).toBeNull();
  });
});

describe('a day of the week', () => {
  it.each([
    ['Mon', 1],
    ['Tuesday', 2],
    ['Mo', 1],
    ['Mittwoch', 3],
    ['jeudi', 4],
    ['viernes', 5],
    ['Sábado', 6],
    ['domenica', 7],
    ['Segunda-feira', 1],
    ['woensdag', 3],
    ['pt.', 5],
    ['Neděle', 7],
    ['月', 1],
    ['日', 7],
    ['土曜日', 6],
    ['月(1)', 1],
    ['Mon 02.03.', 1],
    ['02/03 Mon', 1],
    ['Montag, 2. März', 1],
    ['Fri 3rd', 5],
    ['Mo (h)', 1],
    ['Mar 03.03.', 2],
    ['Mars', null],
    ['May', null],
    ['Total', null],
    ['Monday meeting', null],
    ['12', null],
    ['', null],
  ])('of %s is %s', (header, day) => {
    expect(weekdayOf(header)).toBe(day);
  });

  it.each([
    ['Po Út St Čt Pá So Ne', [1, 2, 3, 4, 5, 6, 7]],
    ['Mo Di Mi Do Fr Sa So', [1, 2, 3, 4, 5, 6, 7]],
    ['ma di wo do vr za zo', [1, 2, 3, 4, 5, 6, 7]],
    ['lu ma me je ve sa di', [1, 2, 3, 4, 5, 6, 7]],
    ['月 火 水 木 金 土 日', [1, 2, 3, 4, 5, 6, 7]],
    ['Task Mon Tue Total', [null, 1, 2, null]],
    ['Od Do', [null, null]],
    ['2026 12', [null, null]],
  ])('in %s is read in one language', (headers, days) => {
    expect(weekdaysIn(headers.split(' '))).toEqual(days);
  });
});

describe('a column', () => {
  it.each(
    [
      '2026-03-02;2026/3/2;2026-03-02T00:00:00;20260302;02.03.;2.3.;02.03.2026;2. 3. 2026;3/2;03/02/26;02-03;02.03;1;31;7.',
      'Mon;Mo 02.03.;2 Mar;March 2, 2026;2. März;2 de marzo;3月2日;2026年3月2日',
    ].flatMap((line) => line.split(';')),
  )('«%s» is a day', (header) => {
    expect(isDayColumn(header)).toBe(true);
  });

  it.each(
    '0;32;1.5;8:00;2026;March 2026;March;Hours;Task 1;99/99/99;2026-02-30T08:15:00;Q1'
      .split(';')
      .concat('1'.repeat(500)),
  )('«%s» is none', (header) => {
    expect(isDayColumn(header)).toBe(false);
  });
});

describe('a month', () => {
  it.each([
    [1, 'January Januar janvier enero gennaio janeiro januari stycznia leden 1月'],
    [3, 'March März mars marzo março maart marca března 3月'],
    [5, 'May Mai mayo maggio maio mei maja květen'],
    [12, 'Dec. Dez déc dic dezembro grudnia prosince 12月'],
  ])('%s is known in every language', (month, words) => {
    for (const word of words.split(' ')) expect([word, monthOf(word)]).toEqual([word, month]);
  });

  it.each(['Task', '13月', '', '1'])('is not «%s»', (word) => {
    expect(monthOf(word)).toBeNull();
  });
});
