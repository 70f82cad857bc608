/** Names and abbreviations of the months in ten languages. */

import { foldWords } from './fold.ts';

/** From January to December: names, genitives and abbreviations; what is the same in several languages stands once. */
const MONTHS: readonly string[] = [
  'january jan januar jänner janvier janv enero ene gennaio gen janeiro januari styczeń stycznia sty leden ledna led 1月',
  'february feb februar feber février fév févr febrero febbraio fevereiro fev februari luty lutego lut únor února úno 2月',
  'march mar märz mär mrz mars marzo março maart mrt marzec marca březen března bře 3月',
  'april apr avril avr abril abr aprile kwiecień kwietnia kwi duben dubna dub 4月',
  'may mai mayo maggio mag maio mei maj maja květen května kvě 5月',
  'june jun juni juin junio giugno giu junho czerwiec czerwca cze červen června čer čvn 6月',
  'july jul juli juillet juil julio luglio lug julho lipiec lipca lip červenec července čvc 7月',
  'august aug août agosto ago augustus sierpień sierpnia sie srpen srpna srp 8月',
  'september sep sept septembre septiembre settembre set setembro wrzesień września wrz září zář 9月',
  'october oct oktober okt octobre octubre ottobre ott outubro out październik października paź říjen října říj 10月',
  'november nov novembre noviembre novembro listopad listopada listopadu lis 11月',
  'december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia gru prosinec prosince pro 12月',
];
const MONTH_BY_WORD = new Map(
  MONTHS.flatMap((names, index) => names.split(' ').map((name) => [foldWords(name).join(''), index + 1] as const)),
);

/** 1 January to 12 December, of one word in any spelling; null if it is no month. */
export const monthOf = (word: string): number | null => MONTH_BY_WORD.get(foldWords(word).join('')) ?? null;
