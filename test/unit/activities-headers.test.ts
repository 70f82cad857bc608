/** What single headers name: phrases, false friends, spellings, the words of ten languages, and how much work it is. */
import { describe, expect, it } from 'vitest';
import { foldHeader, foldWords, MAX_HEADER_CODE_POINTS } from '../../machines/activities/headers/fold.ts';
import { HEADER_WORDS } from '../../machines/activities/headers/header-words.ts';
import { matchHeader } from '../../machines/activities/headers/match-header.ts';
import { phrasesFrom } from '../../machines/activities/headers/phrases.ts';
import { ROLES } from '../../machines/activities/headers/roles.ts';

const rolesOf = (header: string): string =>
  matchHeader(header)
    .map(({ role, strength }) => `${role} ${strength}`)
    .join(', ') || '–';

describe('a folded header', () => {
  it.each([
    ['Time Spent', 'time spent'],
    ['TimeSpent', 'time spent'],
    ['time_spent', 'time spent'],
    ['TIME-SPENT', 'time spent'],
    ['SLATime', 'sla time'],
    ['LTXA1', 'ltxa1'],
    ['concept:name', 'concept name'],
    ['Personal-Nr.', 'personal nr'],
    ['Tâche / Activité', 'tache activite'],
    ['Godzina zakończenia — łącznie', 'godzina zakonczenia lacznie'],
    ['Straße', 'strasse'],
    ['Œuvre Æther Ødegård', 'oeuvre aether odegard'],
    ['ΣTime', 'σ time'],
    ['∑ Time', 'σ time'],
    ['% Done #', '% done #'],
    ['Betrag €', 'betrag €'],
    ['№', 'no'],
    ['Tasks', 'task'],
    ['Business', 'business'],
    ['ms', 'ms'],
    ['Heures', 'heures'],
    ['Worklog時間', 'worklog 時間'],
    ['作業時間', '作業時間'],
    ['ｶﾃｺﾞﾘ', 'カテゴリ'],
    ['Ｈｏｕｒｓ', 'hour'],
    ['第2回', '第2回'],
    ['', ''],
    ['—', ''],
  ])('%s is %s', (header, words) => {
    expect(foldHeader(header).words.join(' ')).toBe(words);
  });

  it.each([
    ['Duration (h)', ['duration'], [['h']]],
    ['Time [hh:mm] {net}', ['time'], [['hh', 'mm'], ['net']]],
    ['工数（人日）', ['工数'], [['人日']]],
    ['Custom field (Effort (h))', ['custom', 'field'], [['effort', 'h']]],
    ['Time (unclosed', ['time'], [['unclosed']]],
    ['Time) spent', ['time', 'spent'], []],
    ['Progress(%)', ['progress'], [['%']]],
    ['Empty ()', ['empty'], []],
  ])('%s separates what is in brackets', (header, words, bracketed) => {
    expect(foldHeader(header)).toEqual({ words, bracketed });
  });

  it('holds the first 200 code points at most, whatever they decompose to', () => {
    expect(foldWords('a'.repeat(1_000_000))[0]).toHaveLength(MAX_HEADER_CODE_POINTS);
    expect(foldWords('\ufdfa'.repeat(1000)).join('').length).toBeLessThanOrEqual(MAX_HEADER_CODE_POINTS);
    expect(foldWords('𝐚'.repeat(500))[0]).toHaveLength(MAX_HEADER_CODE_POINTS);
  });
});

describe('a header', () => {
  it.each([
    ['Task', 'task 4'],
    ['Type', 'kind 4'],
    ['Hours', 'duration 4, hours_part 4'],
    ['Name', 'name 4'],
    ['Task Type', 'kind 4'],
    ['Time spent', 'actual 4'],
    ['Timestamp', 'timestamp 4'],
    ['Description', 'description 4'],
    ['Estimated title', 'summary 3'],
    ['Category', 'kind 4'],
    ['Start time', 'start_time 4'],
    ['End time', 'end_time 4'],
    ['text', 'summary 4, description 4'],
    ['estimated_minutes', 'estimate 4'],
    ['Task time (h)', 'duration 3, task 2'],
    ['foo', '–'],
  ])('%s, of the table of ingestion, is %s', (header, roles) => {
    expect(rolesOf(header)).toBe(roles);
  });

  it.each([
    ['Timespent', 'actual 4'],
    ['Time_Spent', 'actual 4'],
    ['WorkedTime', 'actual 4'],
    ['Due date', 'due 4'],
    ['Estimated time', 'estimate 4'],
    ['Task list', 'kind 4'],
    ['Project name', 'project 4'],
    ['User name', 'person 4'],
    ['Hourly rate', 'rate 4'],
    ['Billable hours', 'duration 3'],
    ['Hours billed', 'duration 3'],
    ['Total hours', 'duration 3'],
    ['Consulting hours', 'duration 3'],
    ['Projektstunden', 'duration 3, project 2'],
    ['Σ Time Spent', 'cumulative 4'],
    ['Σ', 'cumulative 4'],
    ['Work Ratio', 'ratio 4'],
    ['Custom field (Epic Link)', 'kind 4'],
    ['Custom field (Effort (h))', 'duration 4'],
    ['Benutzerdefinierte Felder (Aufwand)', 'duration 4'],
    ['Custom field (Time zone)', '–'],
    ['Duration (h)', 'duration 4'],
    ['duration_ms', 'duration 4'],
    ['Durée en minutes', 'duration 4'],
    ['Time (decimal)', 'duration 4, start_time 3'],
    ['Completed Work', 'actual 4'],
    ['Remaining Work', 'remaining 4'],
    ['Work', 'duration 4'],
    ['Amount (EUR)', 'money 4'],
    ['Amount EUR', 'money 4'],
    ['Billable Rate (EUR)', 'rate 4'],
    ['Tracked (USD)', 'money 3'],
    ['Billable (h)', 'duration 3, billable 2'],
    ['Menge (Std)', 'duration 3, count 2'],
    ['Pause (min)', 'break 4'],
    ['Overtime (h)', 'overtime 4'],
    ['Status (h)', 'status 4'],
    ['foo (min)', 'duration 3'],
    ['(Hours)', 'duration 4, hours_part 4'],
    ['Zusatz (Kommentar)', 'note 1'],
    ['x (y)', '–'],
    ['Hours (a number, required)', 'duration 4, hours_part 4'],
    ['Task/Activity', 'activity 3, task 2'],
    ['The task of today', 'task 1'],
    ['Tag', 'tag 4, date 4'],
    ['Tags', 'tag 4'],
    ['工数', 'duration 4'],
    ['実績作業時間(分)', 'actual 4'],
    ['本日の作業時間', 'actual 3'],
  ])('%s is %s', (header, roles) => {
    expect(rolesOf(header)).toBe(roles);
  });

  it.each([
    ['Cost per hour', 'rate'],
    ['Rate hour', 'rate'],
    ['Customer number', 'id'],
    ['Nr. Aufgabe', 'id'],
    ['Numer zadania', 'id'],
    ['Task status', 'status'],
    ['Status description', 'description'],
    ['Last Activity Date', 'created'],
    ['Time entry ID', 'id'],
    ['Checklist Item Total Count', 'count'],
    ['Created by', 'person'],
    ['Closed at', 'created'],
    ['Week', 'week'],
    ['Story Points', 'points'],
    ['Estimated completion date', 'due'],
    ['Pausenzeit', 'break'],
    ['Überstunden', 'overtime'],
    ['Sum of Hours', 'duration'],
    ['Uhrzeit von', 'start_time'],
    ['Hora', 'start_time'],
    ['Horas', 'duration'],
    ['Heure', 'start_time'],
    ['Heures', 'duration'],
    ['Ora', 'start_time'],
    ['Ore', 'duration'],
    ['Fertigstellungsgrad', 'ratio'],
    ['Čas', 'duration'],
    ['Unit', 'unit'],
    ['Spaltenname', 'name'],
  ])('%s is first of all %s', (header, role) => {
    expect(matchHeader(header)[0]?.role).toBe(role);
  });

  it.each([
    'Time zone',
    'User time zone',
    'Fuseau horaire',
    'Time in status (minutes)',
    'All Day Event',
    'Response time',
    'Exchange rate',
    'Job title',
    'x (Time zone)',
    'xyz_1',
    '',
    '   ',
    '()',
  ])('«%s» is nothing', (header) => {
    expect(matchHeader(header)).toEqual([]);
  });

  it('that has the word of a nothing beside something else is that', () => {
    expect(matchHeader('Time zone name').map(({ role }) => role)).toEqual(['name']);
  });

  it.each([
    'Start time',
    'End time',
    'Due time',
    'Created time',
    'Timestamp',
    'Break time',
    'Hourly rate',
    'Time entry ID',
  ])('%s is never a duration', (header) => {
    expect(matchHeader(header).map(({ role }) => role)).not.toContain('duration');
    expect(matchHeader(header).map(({ role }) => role)).not.toContain('actual');
  });
});

describe('the words of a language', () => {
  // In the order en, de, fr, es, it, pt, nl, pl, cs, ja.
  it.each([
    ['summary', 'Title, Betreff, Intitulé, Asunto, Oggetto, Assunto, Onderwerp, Tytuł, Předmět, 件名'],
    ['task', 'Task, Aufgabe, Tâche, Tarea, Compito, Tarefa, Taak, Zadanie, Úkol, タスク'],
    [
      'description',
      'Details, Beschreibung, Descriptif, Descripción, Descrizione, Descrição, Omschrijving, Opis, Popis, 作業内容',
    ],
    ['note', 'Comment, Bemerkung, Remarque, Observaciones, Commento, Observação, Opmerking, Uwagi, Poznámka, 備考'],
    [
      'kind',
      'Category, Kategorie, Catégorie, Categoría, Categoria, Categoria, Categorie, Kategoria, Kategorie, カテゴリ',
    ],
    ['project', 'Project, Projekt, Projet, Proyecto, Progetto, Projeto, Project, Projekt, Projekt, プロジェクト'],
    ['client', 'Client, Kunde, Société, Cliente, Azienda, Empresa, Klant, Klient, Zákazník, 顧客'],
    [
      'person',
      'Employee, Mitarbeiter, Salarié, Empleado, Dipendente, Funcionário, Medewerker, Pracownik, Zaměstnanec, 担当者',
    ],
    ['date', 'Date, Datum, Jour, Fecha, Giorno, Dia, Dag, Dzień, Datum, 日付'],
    [
      'start_time',
      'Start time, Startzeit, Heure de début, Hora de inicio, Ora inizio, Hora de início, Begintijd, Godzina od, Čas od, 開始時刻',
    ],
    [
      'end_time',
      'End time, Endzeit, Heure de fin, Hora de fin, Ora fine, Hora de término, Eindtijd, Godzina do, Čas do, 終了時刻',
    ],
    ['due', 'Deadline, Fällig am, Échéance, Fecha límite, Scadenza, Prazo, Vervaldatum, Termin, Termín, 期限'],
    [
      'created',
      'Created, Erstellt am, Créé le, Creado, Data creazione, Criado em, Aangemaakt, Data utworzenia, Vytvořeno, 作成日',
    ],
    [
      'actual',
      'Hours worked, Ist-Stunden, Temps passé, Tiempo dedicado, Ore lavorate, Tempo gasto, Gewerkte uren, Przepracowany czas, Strávený čas, 実績時間',
    ],
    ['duration', 'Duration, Dauer, Durée, Duración, Durata, Duração, Duur, Czas trwania, Doba trvání, 所要時間'],
    [
      'estimate',
      'Estimate, Soll, Temps estimé, Horas previstas, Ore previste, Tempo estimado, Geschatte tijd, Szacowany czas, Odhad, 見積時間',
    ],
    [
      'remaining',
      'Remaining, Restaufwand, Reste à faire, Tiempo restante, Tempo rimanente, Tempo restante, Resterende tijd, Pozostały czas, Zbývající čas, 残工数',
    ],
    ['break', 'Break, Pause, Temps de pause, Descanso, Pausa pranzo, Intervalo, Pauze, Przerwa, Přestávka, 休憩時間'],
    [
      'overtime',
      'Overtime, Überstunden, Heures supplémentaires, Horas extra, Straordinario, Horas extras, Overuren, Nadgodziny, Přesčas, 残業時間',
    ],
    [
      'rate',
      'Hourly rate, Stundensatz, Taux horaire, Tarifa por hora, Tariffa oraria, Valor hora, Uurtarief, Stawka godzinowa, Hodinová sazba, 単価',
    ],
    ['money', 'Amount, Betrag, Montant, Importe, Importo, Valor, Bedrag, Kwota, Částka, 金額'],
    ['id', 'ID, Personalnr., N° tâche, Código, Codice, Matrícula, Volgnummer, Numer zadania, Číslo, 番号'],
    ['status', 'Status, Zustand, Statut, Estado, Stato, Situação, Toestand, Stan, Stav, ステータス'],
    ['cumulative', 'Total, Gesamt, Total, Total, Totale, Total, Totaal, Razem, Celkem, 合計'],
    [
      'billable',
      'Billable, Abrechenbar, Facturable, Facturable, Fatturabile, Faturável, Factureerbaar, Płatne, Fakturovatelné, 請求対象',
    ],
    ['week', 'Week, KW, Semaine, Semana, Settimana, Semana, Weeknummer, Tydzień, Týden, 週番号'],
  ])('name %s', (role, headers) => {
    const cells = headers.split(', ');
    expect(cells).toHaveLength(10);
    for (const header of cells) expect([header, matchHeader(header)[0]?.role]).toEqual([header, role]);
  });

  it('are found by the role they stand under, whatever else they mean', () => {
    const lost: string[] = [];
    for (const words of HEADER_WORDS) {
      for (const [role, lists] of Object.entries(words)) {
        for (const phrase of lists.flatMap((list) => list.split(', '))) {
          const header = phrase.replace(/^=?~?/, '');
          const roles: string[] = matchHeader(header).map((match) => match.role);
          if (role === 'nothing' ? roles.length > 0 : !roles.includes(role)) lost.push(`${role}: ${phrase} (${roles})`);
        }
      }
    }
    expect(lost).toEqual([]);
  });

  it('name no role that there is not, and no phrase twice under one role', () => {
    const known = new Set<string>([...ROLES, 'nothing']);
    for (const words of HEADER_WORDS) {
      for (const [role, lists] of Object.entries(words)) {
        expect(known).toContain(role);
        const phrases = lists.flatMap((list) => list.split(', '));
        expect(phrases).toEqual([...new Set(phrases)]);
      }
    }
  });
});

describe('the work of matching a header', () => {
  it('is bounded by the phrases that begin with one word, which are few', () => {
    const most = Math.max(
      ...HEADER_WORDS.flatMap((words) => Object.values(words).flat())
        .flatMap((list) => foldWords(list))
        .map((word) => phrasesFrom(word[0] ?? '').length + phrasesFrom(word).length),
    );
    expect(most).toBeLessThan(400);
  });

  it('gives ordered matches of the whole length for anything', () => {
    const hostile = [
      'time '.repeat(5000),
      '('.repeat(10_000),
      '時間'.repeat(10_000),
      'aB'.repeat(10_000),
      '\u0301'.repeat(9999),
      '\ud800',
      'σ'.repeat(999),
    ];
    for (const header of hostile) {
      const strengths = matchHeader(header).map(({ strength }) => strength);
      expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
    }
  });
});
