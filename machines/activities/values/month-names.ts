/**
 * Names of months and weekdays in ten languages, lower-cased and without accents.
 */

const MONTH_NAMES = [
  'january jan janvier janv januar janner januari janeiro enero ene gennaio gen stycznia styczen sty ledna leden led',
  'february feb fevrier fevr fev februar februari fevereiro febrero febbraio lutego luty lut unora unor uno',
  'march mar mars marz maerz mrz marzo marco maart mrt marca marzec brezna brezen bre',
  'april apr avril avr abril abr aprile kwietnia kwiecien kwi dubna duben dub',
  'may mai mayo maio maggio mag mei maja maj kvetna kveten kve',
  'june jun juin juni junio junho giugno giu czerwca czerwiec cze cervna cerven cvn',
  'july jul juillet juil juill juli julio julho luglio lug lipca lipiec lip cervence cervenec cvc',
  'august aug aout agosto ago augustus sierpnia sierpien sie srpna srpen srp',
  'september sep sept septembre septiembre setembro settembre set sett wrzesnia wrzesien wrz zari zar',
  'october oct octobre oktober okt octubre outubro out ottobre ott pazdziernika pazdziernik paz rijna rijen rij',
  'november nov novembre noviembre novembro listopada listopad listopadu lis',
  'december dec decembre dezember dez diciembre dic dicembre dezembro grudnia grudzien gru prosince prosinec pro',
];
/** From Sunday on, as JavaScript counts. */
const WEEKDAY_NAMES = [
  'sunday sun sonntag so dimanche dim domingo dom domenica zondag zo niedziela niedz nedele ne',
  'monday mon montag mo lundi lun lunes lunedi segunda segunda-feira seg maandag ma poniedzialek pon pondeli po',
  'tuesday tue tues dienstag di mardi mar martes martedi terca terca-feira ter dinsdag wtorek wt utery ut',
  'wednesday wed mittwoch mi mercredi mer miercoles mie mercoledi quarta quarta-feira qua woensdag wo sroda sr streda st',
  'thursday thu thur thurs donnerstag do jeudi jeu jueves jue giovedi gio quinta quinta-feira qui donderdag czwartek czw ctvrtek ct',
  'friday fri freitag fr vendredi ven viernes vie venerdi sexta sexta-feira sex vrijdag vr piatek pt patek pa',
  'saturday sat samstag sa sonnabend samedi sam sabado sab sabato zaterdag za sobota sob so',
];

const toMap = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.flatMap((list, index) => list.split(' ').map((name) => [name, index] as const)));

const MONTHS = toMap(MONTH_NAMES);
const WEEKDAYS = toMap(WEEKDAY_NAMES);

/** 1 to 12. */
export function monthOfName(name: string): number | null {
  const index = MONTHS.get(name);
  return index === undefined ? null : index + 1;
}

/** 0 for Sunday to 6. */
export const weekdayOfName = (name: string): number | null => WEEKDAYS.get(name) ?? null;
