/**
 * Which column says who did the work.
 *
 * Owns: that who did it comes before who wrote it down, approved it or asked for it; that a first and a last name are
 * one person; and that a name comes before a login. Does not own which headers name a person at all.
 */
import { foldWords, isJapanese } from '../headers/fold.ts';
import { comparable } from '../headers/phrases.ts';
import { type Column, roleOf, saysOneOf, strengthOf } from './column.ts';
import { textLike } from './content.ts';

export interface PersonColumns {
  person: Column | null;
  /** Holds the other half of the name: the last name beside the first. */
  personRest: Column | null;
}

const phrases = (lists: readonly string[]): ReadonlySet<string> =>
  new Set(
    lists
      .join(', ')
      .split(', ')
      .flatMap((phrase) => {
        const words = comparable(foldWords(phrase));
        return words.every(isJapanese) ? [words.join('')] : [words.join(' '), words.join('')];
      }),
  );

/** People who have to do with the record and need not have done the work. */
const OTHERS = phrases([
  'author, owner, owner name, reporter, creator, created by, updated by, modified by, changed by, entered by',
  'last updated by, last modified by, opened by, submitted by, approved by, approver, requester, requester name',
  'requested by, requestor, caller, contact, contact name, organizer, manager, project manager, supervisor, lead',
  'Autor, Ersteller, Erstellt von, Melder, Besitzer, Eigentümer, Ansprechpartner, Geändert von, Genehmiger',
  'Auteur, Créé par, Modifié par, Rapporteur, Demandeur, Propriétaire, Creado por, Modificado por, Informador',
  'Informante, Propietario, Solicitante, Autore, Creato da, Modificato da, Richiedente, Segnalatore, Proprietario',
  'Criado por, Modificado por, Relator, Proprietário, Gemaakt door, Aangemaakt door, Gewijzigd door, Aanvrager',
  'Eigenaar, Utworzone przez, Utworzył, Zgłaszający, Właściciel, Vytvořil, Zadal, Vlastník, Žadatel',
  '作成者, 報告者, 登録者, 更新者, 記入者, 申請者, 承認者, 所有者, 依頼者',
]);
/** Names for a program, which stand beside the name of the person. */
const LOGINS = phrases([
  'username, user name, login, login name, Benutzername, Nutzername, Nom d’utilisateur, Nombre de usuario, Nome utente',
  'Nome de usuário, Nome de utilizador, Gebruikersnaam, Nazwa użytkownika, Uživatelské jméno, Přihlášení, ユーザー名, ユーザ名',
]);
const FIRST_NAMES = phrases(['first name, fname, given name, Vorname, Prénom, Voornaam, Imię, Křestní jméno']);
const LAST_NAMES = phrases([
  'last name, lname, family name, surname, Nachname, Familienname, Nom de famille, Apellido, Apellidos, Cognome',
  'Sobrenome, Apelido, Achternaam, Nazwisko, Příjmení',
]);

const says = ({ roles }: Column, wanted: ReadonlySet<string>): boolean => wanted.has(roles[0]?.phrase ?? '');

/** A name in fewer of the rows is not who did the work. */
const MIN_FILL = 0.05;

export function choosePerson(columns: readonly Column[], recordCount: number): PersonColumns {
  const named = columns.filter((column) => roleOf(column) === 'person' && holdsNames(column));
  const parts = nameParts(columns, named);
  const rank = (column: Column): number => {
    const isRare = column.profile.filled < MIN_FILL * recordCount;
    return (isRare ? -10 : 0) + standing(column);
  };
  const whole = named
    .filter((column) => !parts.includes(column))
    .toSorted((a, b) => rank(b) - rank(a) || strengthOf(b) - strengthOf(a) || b.profile.filled - a.profile.filled)[0];
  const [first = null, last = null] = parts;
  if (whole && (first === null || rank(whole) > Standing.parts)) return { person: whole, personRest: null };
  if (first !== null) return { person: first, personRest: last };
  return {
    person:
      lettered(columns) ?? columns.find((column) => roleOf(column) === 'email' && column.profile.filled > 0) ?? null,
    personRest: null,
  };
}

/** Which of several persons did the work: the higher. */
const Standing = { name: 4, parts: 3, login: 2, other: 1 } as const;

function standing(column: Column): number {
  if (says(column, OTHERS)) return Standing.other;
  const { share } = column.profile;
  return says(column, LOGINS) || share.code + share.number >= 0.5 ? Standing.login : Standing.name;
}

const holdsNames = (column: Column): boolean =>
  column.profile.filled > 0 && textLike(column) + column.profile.share.email + column.profile.share.code >= 0.5;

/** The columns of the first and the last name; only the one that is there; none. */
function nameParts(columns: readonly Column[], named: readonly Column[]): Column[] {
  const first = named.find((column) => says(column, FIRST_NAMES));
  const last = named.find((column) => says(column, LAST_NAMES));
  if (first === undefined) return last === undefined ? [] : [beside(columns, last) ?? last, last].filter(isFirstOf);
  const rest = last ?? beside(columns, first);
  return rest === undefined ? [first] : [first, rest];
}

const isFirstOf = (column: Column, at: number, all: readonly Column[]): boolean => all.indexOf(column) === at;

/** `Vorname` and `Name`: bare names beside a part of a name are the other part. */
const beside = (columns: readonly Column[], part: Column): Column | undefined =>
  columns.find(
    (column) =>
      Math.abs(column.index - part.index) === 1 &&
      roleOf(column) === 'name' &&
      strengthOf(column) === 4 &&
      holdsNames(column) &&
      column.profile.meanWords < 1.5,
  );

/** A column called `Name` that holds names of persons, where another one says what was done. */
function lettered(columns: readonly Column[]): Column | null {
  const found = columns.find((column) => roleOf(column) === 'name' && column.profile.share.person >= 0.8);
  const hasText = columns.some(
    (column) =>
      column !== found && saysOneOf(column, ['summary', 'task', 'description', 'note']) && textLike(column) >= 0.5,
  );
  return found !== undefined && hasText ? found : null;
}
