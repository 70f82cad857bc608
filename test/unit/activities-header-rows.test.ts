/** Rows of headers as tools write them, in several languages, with the role each column has first. */
import { describe, expect, it } from 'vitest';
import { matchHeader } from '../../machines/activities/headers/match-header.ts';

/** `header → role`, separated by ` | `; – is none. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  'Toggl detailed': [
    'User → person | Email → email | Client → client | Project → project | Task → task',
    'Description → description | Billable → billable | Start date → start_date | Start time → start_time',
    'End date → end_date | End time → end_time | Duration → duration | Tags → tag | Amount (EUR) → money',
  ],
  'Toggl summary': ['Project → project | Client → client | Title → summary | Duration → duration'],
  'Clockify detailed': [
    'Project → project | Client → client | Description → description | Task → task | User → person',
    'Group → team | Email → email | Tags → tag | Type → kind | Billable → billable | Invoiced → billable',
    'Invoice ID → id | Start Date → start_date | Start Time → start_time | End Date → end_date',
    'End Time → end_time | Duration (h) → duration | Duration (decimal) → duration',
    'Billable Rate (EUR) → rate | Billable Amount (EUR) → money | Date of creation → created',
  ],
  'Clockify projects': [
    'Project → project | Client → client | Status → status | Visibility → – | Billability → billable',
    'Tasks → task | Tracked (h) → actual | Estimated (h) → estimate | Remaining (h) → remaining',
    'Overage (h) → remaining | Tracked (USD) → money | Estimated (USD) → money | Progress(%) → ratio',
    'Billable (h) → duration | Non-billable (h) → duration | Billable Rate (USD) → rate | Amount (USD) → money',
    'Cost Rate (USD) → rate | Expenses (USD) → money | Project members → person | Project manager → person',
    'Note → note',
  ],
  'Harvest detailed': [
    'Date → date | Client → client | Project → project | Project Code → id | Task → task | Notes → note',
    'Hours → duration | Hours Rounded → duration | Billable? → billable | Invoiced? → billable',
    'Approved? → status | First Name → person | Last Name → person | Employee Id → id | Roles → team',
    'Employee? → person | Billable Rate → rate | Billable Amount → money | Cost Rate → rate',
    'Cost Amount → money | Currency → currency | External Reference URL → url',
  ],
  'Harvest, German': [
    'Datum → date | Kunde → client | Projekt → project | Aufgabe → task | Notizen → note | Stunden → duration',
    'Abrechenbar? → billable | Stundensatz → rate',
  ],
  'solidtime export': [
    'Description → description | Task → task | Project → project | Client → client | User → person',
    'Start → start | End → end | Duration → duration | Duration (decimal) → duration | Billable → billable',
    'Tags → tag',
  ],
  'solidtime import': [
    'description → description | billable → billable | client → client | project → project | tags → tag',
    'start → start | end → end | task → task | user_name → person | user_email → email',
  ],
  'Jira issues': [
    'Summary → summary | Issue key → id | Issue id → id | Issue Type → kind | Status → status',
    'Project key → id | Project name → project | Priority → priority | Assignee → person | Created → created',
    'Updated → created | Due date → due | Description → description | Watchers → –',
    'Original Estimate → estimate | Remaining Estimate → remaining | Time Spent → actual | Work Ratio → ratio',
    'Σ Original Estimate → cumulative | Σ Remaining Estimate → cumulative | Σ Time Spent → cumulative',
    'Labels → tag | Custom field (Story Points) → points',
  ],
  'Jira worklogs by week': [
    'Date → date | Day → date | Issue Key → id | Issue Summary → summary | Time Spent (hours) → actual',
    'Time Spent (formatted) → actual | IsBackdated → –',
  ],
  Tempo: [
    'Issue Key → id | Issue summary → summary | Hours → duration | Work date → date | Username → person',
    'Full name → person | Period → month | Account Key → id | Account Name → client | Activity Name → activity',
    'Component → kind | All Components → kind | Version Name → – | Issue Type → kind | Issue Status → status',
    'Project Key → id | Project Name → project | Work Description → note | Parent Key → id | Reporter → person',
    'External Hours → duration | Billed Hours → duration | Issue Original Estimate → estimate',
    'Issue Remaining Estimate → remaining',
  ],
  Linear: [
    'ID → id | Team → team | Title → summary | Description → description | Status → status',
    'Estimate → estimate | Priority → priority | Project ID → id | Project → project | Creator → person',
    'Assignee → person | Labels → tag | Cycle Number → id | Cycle Name → – | Cycle Start → due',
    'Cycle End → due | Created → created | Updated → created | Started → start | Triaged → created',
    'Completed → status | Canceled → created | Archived → status | Due Date → due | Parent issue → project',
    'Initiatives → project | Project Milestone → kind | SLA Status → – | Time in status (minutes) → –',
  ],
  Asana: [
    'Task ID → id | Created At → created | Completed At → created | Last Modified → created | Name → name',
    'Section/Column → kind | Assignee → person | Assignee Email → email | Start Date → start_date',
    'Due Date → due | Tags → tag | Notes → note | Projects → project | Parent task → project',
    'Estimated time → estimate | Actual time → actual',
  ],
  Trello: [
    'Card ID → id | Card Name → summary | Card URL → url | Card Description → description | Labels → tag',
    'Members → person | Due Date → due | Attachment Count → count | Attachment Links → url',
    'Checklist Item Total Count → count | Checklist Item Completed Count → count | Vote Count → count',
    'Comment Count → count | Last Activity Date → created | List ID → id | List Name → kind | Board ID → id',
    'Board Name → project | Archived → status | Start Date → start_date | Due Complete → –',
  ],
  ClickUp: [
    'User ID → id | Username → person | Time Entry ID → id | Description → description | Billable → billable',
    'Time Labels → tag | Start → start | Start Text → start | Stop → end | Stop Text → end',
    'Time Tracked → actual | Time Tracked Text → actual | Space Name → project | Folder Name → project',
    'List Name → kind | Task ID → id | Task Name → summary | Task Status → status | Due Date → due',
    'Due Date Text → due | Task Time Estimated → estimate | Task Time Spent → cumulative',
    'User Total Time Tracked → cumulative | Tags → tag | Checklists → – | User Period Time Spent → cumulative',
    'Date Created → created | Custom Task ID → id | Parent Task ID → id',
  ],
  'monday.com': [
    'Name → name | Subitems → – | Person → person | Status → status | Timeline - Start → due',
    'Timeline - End → due | Time tracking → actual | Category → kind',
  ],
  Notion: ['Name → name | Type → kind | Time (min) → duration | Date → date'],
  'Azure DevOps': [
    'ID → id | Work Item Type → kind | Title → summary | Assigned To → person | State → status | Tags → tag',
    'Original Estimate → estimate | Remaining Work → remaining | Completed Work → actual | Area Path → kind',
    'Iteration Path → kind',
  ],
  ServiceNow: [
    'number → id | short_description → summary | description → description | category → kind | state → status',
    'priority → priority | assigned_to → person | assignment_group → team | opened_at → created',
    'closed_at → created | sys_created_on → created | business_duration → duration | time_worked → actual',
    'work_notes → note | close_notes → note',
  ],
  'Redmine, English': [
    'Project → project | Date → date | Week → week | Created on → created | User → person',
    'Activity → activity | Issue → task | Tracker → kind | Comment → note | Hours → duration',
  ],
  'Redmine, Czech': [
    '# → id | Datum → date | Člen → person | Fronta → kind | Aktivita → activity | Projekt → project',
    'Verze → – | Úkol → task | Úkol Předmět → summary | Komentář → note | Hodiny → duration',
  ],
  'Redmine, Japanese': [
    '日付 → date | ユーザー → person | 作業分類 → activity | チケット → task | コメント → note | 時間 → duration',
    'プロジェクト → project | トラッカー → kind | 予定工数 → estimate | 作業時間 → actual | 進捗率 → ratio | 題名 → summary | 期日 → due',
    '更新日 → created',
  ],
  'Redmine, Polish': [
    'Projekt → project | Data → date | Użytkownik → person | Aktywność → activity | Zagadnienie → task',
    'Komentarz → note | Godzin → duration | Szacowany czas → estimate | Przepracowany czas → actual',
    'Temat → summary | Typ zagadnienia → kind',
  ],
  'Redmine, Dutch': [
    'Project → project | Datum → date | Gebruiker → person | Activiteit → activity | Issue → task',
    'Commentaar → note | Uren → duration | Geschatte tijd → estimate | Gespendeerde tijd → actual',
    'Onderwerp → summary',
  ],
  'Redmine, Portuguese': [
    'Projeto → project | Data → date | Usuário → person | Atividade → activity | Tarefa → task',
    'Comentário → note | Horas → duration | Tempo estimado → estimate | Tempo gasto → actual',
    'Título → summary',
  ],
  'Redmine, Italian': [
    'Progetto → project | Data → date | Utente → person | Attività → task | Segnalazione → task',
    'Commento → note | Ore → duration | Tempo stimato → estimate | Tempo impiegato → actual',
    'Oggetto → summary | % Completato → ratio',
  ],
  'Redmine, Spanish': [
    'Proyecto → project | Fecha → date | Usuario → person | Actividad → activity | Petición → task',
    'Comentario → note | Horas → duration | Tiempo estimado → estimate | Tiempo dedicado → actual',
    'Asunto → summary | % Realizado → ratio',
  ],
  'Redmine, French': [
    'Projet → project | Date → date | Utilisateur → person | Activité → activity | Demande → task',
    'Commentaire → note | Heures → duration | Temps estimé → estimate | Temps passé → actual | Sujet → summary',
    '% réalisé → ratio',
  ],
  'Redmine, German': [
    'Projekt → project | Datum → date | Benutzer → person | Aktivität → activity | Ticket → task',
    'Kommentar → note | Stunden → duration | Geschätzter Aufwand → estimate | Aufgewendete Zeit → actual',
    'Thema → summary | % erledigt → ratio',
  ],
  'Kimai, French': [
    'Date → date | Début → start | Fin → end | Durée → duration | Utilisateur → person | Client → client',
    'Projet → project | Activité → activity | Description → description | Taux horaire → rate',
    'Prix total → money | Mots-clés → tag | Facturable → billable | Exporté → status',
  ],
  'Kimai, German': [
    'Datum → date | Beginn → start | Ende → end | Dauer → duration | Benutzer → person | Name → name',
    'Kunde → client | Projekt → project | Tätigkeit → activity | Beschreibung → description',
    'Exportiert → status | Abrechenbar → billable | Schlagworte → tag | Preis pro Stunde → rate',
    'Interner Preis → money | Personalnummer → id | Bestellnummer → id',
  ],
  'Kimai, Italian': [
    'Data → date | Inizio → start | Fine → end | Durata → duration | Utente → person | Cliente → client',
    'Progetto → project | Attività → task | Descrizione → description | Tariffa oraria → rate',
    'Etichette → tag | Fatturabile → billable',
  ],
  'Kimai, Polish': [
    'Data → date | Początek → start | Koniec → end | Czas trwania → duration | Użytkownik → person',
    'Klient → client | Projekt → project | Aktywność → activity | Opis → description | Stawka godzinowa → rate',
    'Tagi → tag',
  ],
  'Kimai, Czech': [
    'Datum → date | Začátek → start | Konec → end | Doba trvání → duration | Uživatel → person',
    'Zákazník → client | Projekt → project | Aktivita → activity | Popis → description | Sazba → rate',
    'Štítky → tag',
  ],
  'Kimai, Japanese': [
    '日付 → date | 開始 → start | 終了 → end | 期間 → duration | ユーザー → person | 得意先 → client | プロジェクト → project',
    'アクティビティ → activity | 説明 → description | 時間給 → rate | タグ → tag',
  ],
  'Kimai, Dutch': [
    'Datum → date | Begin → start | Einde → end | Duur → duration | Gebruiker → person | Klant → client',
    'Project → project | Activiteit → activity | Omschrijving → description | Uurtarief → rate | Labels → tag',
  ],
  'Kimai, Portuguese': [
    'Data → date | Início → start | Fim → end | Duração → duration | Utilizador → person | Cliente → client',
    'Projeto → project | Atividade → activity | Descrição → description | Taxa horária → rate',
    'Etiquetas → tag',
  ],
  'Kimai, Spanish': [
    'Fecha → date | Inicio → start | Final → end | Duración → duration | Usuario → person | Cliente → client',
    'Proyecto → project | Actividad → activity | Descripción → description | Tarifa por hora → rate',
    'Etiquetas → tag',
  ],
  RescueTime: [
    'Date → date | Time Spent (seconds) → actual | Number of People → count | Activity → activity',
    'Category → kind | Productivity → ratio',
  ],
  ActivityWatch: ['timestamp → timestamp | duration → duration | app → kind | title → summary'],
  'Google Calendar': [
    'Subject → summary | Start Date → start_date | Start Time → start_time | End Date → end_date',
    'End Time → end_time | All Day Event → – | Description → description | Location → location | Private → –',
  ],
  'Outlook, German': [
    'Betreff → summary | Beginnt am → start_date | Beginnt um → start_time | Endet am → end_date',
    'Endet um → end_time | Ganztägiges Ereignis → – | Beschreibung → description | Ort → location',
    'Kategorien → kind',
  ],
  Teamwork: [
    'Date → date | Company → client | Project → project | Task list → kind | Task → task',
    'Parent task → project | Description → description | Who → person | Start → start | End → end',
    'Time (hours) → duration | Hours → duration | Minutes → duration | Is it Billable? → billable',
    'Decimal Hours → duration | Estimated Time → estimate',
  ],
  Timely: [
    'Date → date | Client → client | Project → project | Name → name | Notes → note | Hours → duration',
    'Estimated → estimate | Hourly rate → rate | Amount → money',
  ],
  Everhour: [
    'User → person | Date → date | Project → project | Task → task | Time → duration | Time (h) → duration',
    'Comment → note',
  ],
  'Personio, German': [
    'Mitarbeiter → person | Datum → date | Start → start | Ende → end | Pause (min) → break',
    'Arbeitszeit → actual | Projekt → project | Kommentar → note',
  ],
  'SAP CATS, German': [
    'Personalnr. → id | Datum → date | Auftrag → id | Kurztext → summary | Leistungsart → activity',
    'Stunden → duration',
  ],
  'Microsoft Project': [
    'ID → id | Task Name → summary | Duration → duration | Start → start | Finish → end | Predecessors → –',
    'Resource Names → person | Work → duration | Actual Work → actual | Remaining Work → remaining',
    '% Complete → ratio | % Work Complete → ratio | Baseline Work → estimate | Outline Level → – | WBS → id',
  ],
  'Microsoft Planner': [
    'Task ID → id | Task Name → summary | Bucket Name → kind | Progress → ratio | Priority → priority',
    'Assigned To → person | Created By → person | Created Date → created | Start Date → start_date',
    'Due Date → due | Is Recurring → – | Late → – | Completed Date → created | Completed By → person',
    'Completed Checklist Items → count | Checklist Items → count | Labels → tag | Description → description',
  ],
  'Celonis event log': [
    'Case Key → case | Activity → activity | Start Timestamp → start | End Timestamp → end | User → person',
  ],
  'XES event log as CSV': [
    'case:concept:name → case | concept:name → activity | time:timestamp → timestamp',
    'lifecycle:transition → status | org:resource → person',
  ],
  Odoo: [
    'Date → date | Employee → person | Project → project | Task → task | Description → description',
    'Hours Spent → actual | Initially Planned Hours → estimate | Remaining Hours → remaining',
  ],
  ERPNext: [
    'Activity Type → kind | From Time → start_time | Hrs → duration | To Time → end_time | Project → project',
    'Task → task | Is Billable → billable | Billing Hours → duration | Costing Amount → money',
    'Expected Hrs → estimate',
  ],
  'OpenProject costs': [
    'Date (Spent) → date | User → person | Activity → activity | Work package → task | Comments → note',
    'Logged (Hours) → actual | Project → project | Costs → money',
  ],
  'OpenProject work packages': [
    'ID → id | Subject → summary | Type → kind | Status → status | Assignee → person | Work → duration',
    'Remaining work → remaining | % Complete → ratio | Spent time → actual | Start date → start_date',
    'Finish date → end_date',
  ],
  'GitLab issues': [
    'Title → summary | Description → description | Issue ID → id | URL → url | State → status',
    'Author → person | Author Username → person | Assignee → person | Confidential → – | Locked → status',
    'Due Date → due | Created At (UTC) → created | Updated At (UTC) → created | Closed At (UTC) → created',
    'Milestone → kind | Weight → points | Labels → tag | Time Estimate → estimate | Time Spent → actual',
  ],
  Hubstaff: [
    'Date → date | Client → client | Project → project | Member → person | Work email → email | Task → task',
    'Regular hours → actual | Total hours → duration | Time → duration | Activity → activity | Spent → actual',
    'Currency → currency | Notes → note | Reasons → –',
  ],
  TSheets: [
    'username → person | payroll_id → id | fname → person | lname → person | number → id | group → team',
    'local_date → date | local_day → date | local_start_time → start_time | local_end_time → end_time | tz → –',
    'hours → duration | jobcode_1 → id | location → location | notes → note | approved_status → status',
  ],
  TimeCamp: [
    'Date → date | User → person | Project → project | Task → task | Tags → tag | Start → start | End → end',
    'Hours → duration | Note → note | Billable amount → money',
  ],
  FreshBooks: [
    'Team Member → person | Client → client | Project → project | Service → activity | Note → note',
    'Hours → duration | Date → date | Billable → billable | Billed → billable',
  ],
  YouTrack: [
    'Issue ID → id | Summary → summary | Work author → person | Work date → date | Spent time → actual',
    'Work type → kind | Description → description | Estimation → estimate',
  ],
  'week grid': [
    'Task → task | Category → kind | Mon → – | Tue → – | Wed → – | Thu → – | Fri → – | Total hours → duration',
  ],
  'sheet by hand, German': [
    'Lfd. Nr. → id | Was? → summary | Wann → date | von → start | bis → end | Std. → duration',
    'Bemerkung → note | Soll → estimate | Ist → actual | Saldo → remaining',
  ],
  'sheet by hand, French': [
    'Intitulé → summary | Type → kind | Temps passé (min) → actual | Nb heures → duration',
    'Reste à faire → remaining | Heure de début → start_time | Heure de fin → end_time | Nom → name',
    'Prénom → person',
  ],
  'sheet by hand, Japanese': [
    '作業日 → date | 氏名 → person | 作業内容 → description | 開始時刻 → start_time | 終了時刻 → end_time | 休憩時間 → break',
    '実働時間 → actual | 備考 → note | 案件名 → project | 工数(人日) → duration | 残業時間 → overtime',
  ],
};

describe('the headers of', () => {
  it.each(Object.entries(ROWS))('%s have the roles they are used in', (_tool, lines) => {
    const cells = lines.flatMap((line) => line.split(' | '));
    const found = cells.map((cell) => {
      const header = cell.slice(0, cell.lastIndexOf(' → '));
      return `${header} → ${matchHeader(header)[0]?.role ?? '–'}`;
    });
    expect(found).toEqual(cells);
  });
});
