/**
 * Companies, people and places that do not exist, as they are written in five countries.
 *
 * Owns: who orders from whom. Domains end in `.example`.
 */
import type { Dice } from './dice.ts';
import type { Language, Party } from './truth.ts';

interface Country {
  name: string;
  names: readonly string[];
  forms: readonly string[];
  trades: readonly string[];
  streets: readonly string[];
  towns: readonly string[];
  people: readonly string[];
  street(name: string, number: number): string;
  postcode(dice: Dice): string;
  town(postcode: string, town: string): string;
  phone(dice: Dice): string;
  vat(dice: Dice): string;
}

const behind = (name: string, number: number) => `${name} ${number}`;
const before = (postcode: string, town: string) => `${postcode} ${town}`;
const five = (dice: Dice) => `${dice.int(1, 8)}${dice.digits(4)}`;

const COUNTRIES: Readonly<Record<Language, Country>> = {
  en: {
    name: 'United Kingdom',
    names: ['Hartwell', 'Pennine', 'Ashdown & Cole', 'Northgate', 'Brightwater', 'Fenwick', 'Oakhurst', 'Tidemark'],
    trades: ['Engineering', 'Supplies', 'Trading', 'Foods', 'Workshops', 'Medical', 'Print', 'Interiors'],
    forms: ['Ltd', 'PLC', 'LLP', 'Limited'],
    streets: ['Mill Lane', 'Station Road', 'Harbour Way', 'Kingsway', 'Foundry Street', 'Chapel Row', 'Park Avenue'],
    towns: ['Leeds', 'Bristol', 'Norwich', 'Coventry', 'Stockport', 'Hull', 'Reading'],
    people: ['Emma Clarke', 'Tom Whitaker', 'Priya Nair', 'Owen Hughes', 'Sarah Lindqvist', 'Daniel Okafor'],
    street: (name, number) => `${number} ${name}`,
    postcode: (dice) =>
      `${dice.pick(['LS', 'BS', 'NR', 'CV', 'SK', 'HU', 'RG'])}${dice.int(1, 19)} ${dice.int(1, 9)}${dice.pick(['AB', 'TD', 'QX', 'JN'])}`,
    town: (postcode, town) => `${town} ${postcode}`,
    phone: (dice) => `+44 ${dice.int(113, 199)} ${dice.digits(3)} ${dice.digits(4)}`,
    vat: (dice) => `GB${dice.int(100, 999)}${dice.digits(6)}`,
  },
  fr: {
    name: 'France',
    names: [
      'Duvallon',
      'Les Ateliers Morin',
      'Béranger',
      'Soléane',
      'Vercors',
      'Maison Castel',
      'Armorique',
      'Lorrain',
    ],
    trades: ['Industrie', 'Distribution', 'Bâtiment', 'Équipement', 'Traiteur', 'Santé', 'Mécanique', 'Décoration'],
    forms: ['SARL', 'SAS', 'SA', 'EURL'],
    streets: ['rue des Tanneurs', 'avenue Jean Jaurès', 'chemin du Moulin', 'rue de la Gare', 'boulevard Victor Hugo'],
    towns: ['Lyon', 'Nantes', 'Saint-Étienne', 'Orléans', 'Béziers', 'Limoges', 'Épinal'],
    people: ['Claire Fontaine', 'Hervé Maréchal', 'Inès Bouvier', 'Loïc Kerjean', 'Amélie Garnier', 'Karim Benali'],
    street: (name, number) => `${number} ${name}`,
    postcode: five,
    town: before,
    phone: (dice) =>
      `+33 ${dice.int(1, 5)} ${dice.int(10, 99)} ${dice.int(10, 99)} ${dice.int(10, 99)} ${dice.int(10, 99)}`,
    vat: (dice) => `FR${dice.int(10, 99)}${dice.int(100, 999)}${dice.digits(6)}`,
  },
  de: {
    name: 'Deutschland',
    names: ['Brückner', 'Möller & Söhne', 'Lindenau', 'Westfalia', 'Hagedorn', 'Kößler', 'Nordwerk', 'Steinbach'],
    trades: [
      'Maschinenbau',
      'Handel',
      'Elektrotechnik',
      'Großküchen',
      'Metallbau',
      'Medizintechnik',
      'Bürobedarf',
      'Textil',
    ],
    forms: ['GmbH', 'GmbH & Co. KG', 'AG', 'e.K.'],
    streets: [
      'Industriestraße',
      'Am Güterbahnhof',
      'Lange Straße',
      'Gewerbering',
      'Goethestr.',
      'Hafenweg',
      'Mühlgasse',
    ],
    towns: ['Köln', 'Osnabrück', 'Fürth', 'Göttingen', 'Bremen', 'Chemnitz', 'Ulm'],
    people: ['Jana Krüger', 'Stefan Böhm', 'Ayşe Yıldız', 'Matthias Vogel', 'Heike Schäfer', 'Jonas Weiß'],
    street: behind,
    postcode: five,
    town: before,
    phone: (dice) => `+49 ${dice.int(200, 899)} ${dice.digits(5)}-${dice.int(10, 99)}`,
    vat: (dice) => `DE${dice.int(100, 899)}${dice.digits(6)}`,
  },
  es: {
    name: 'España',
    names: ['Montalbán', 'Hermanos Ruiz', 'Levantina', 'Aragonesa', 'Peñafiel', 'Costa Norte', 'Olivares', 'Ibérica'],
    trades: [
      'Suministros',
      'Talleres',
      'Alimentación',
      'Construcciones',
      'Electricidad',
      'Clínica',
      'Papelería',
      'Textil',
    ],
    forms: ['S.L.', 'S.A.', 'S.L.U.', 'S. Coop.'],
    streets: ['Calle Mayor', 'Avda. de la Constitución', 'Calle del Río', 'Polígono Las Eras, nave', 'Paseo de Gracia'],
    towns: ['Zaragoza', 'Málaga', 'Logroño', 'Castellón', 'León', 'Cáceres', 'Gijón'],
    people: ['Lucía Ortega', 'Íñigo Salas', 'Marta Peña', 'Javier Núñez', 'Rocío Cabrera', 'Andrés Gil'],
    street: (name, number) => `${name}${name.endsWith('nave') ? '' : ','} ${number}`,
    postcode: five,
    town: before,
    phone: (dice) => `+34 9${dice.int(10, 88)} ${dice.digits(3)} ${dice.digits(3)}`,
    vat: (dice) => `ESB${dice.int(10, 99)}${dice.digits(6)}`,
  },
  it: {
    name: 'Italia',
    names: ['Fratelli Rossetti', 'Bellandi', 'Lombarda', 'Officine Carraro', 'Tirrena', 'Valsesia', 'Moretto', 'Adige'],
    trades: ['Forniture', 'Meccanica', 'Impianti', 'Alimentari', 'Arredamenti', 'Sanitaria', 'Cartotecnica', 'Tessuti'],
    forms: ['S.r.l.', 'S.p.A.', 'S.n.c.', 'S.a.s.'],
    streets: ['Via Garibaldi', 'Via dell’Industria', 'Corso Italia', 'Viale della Libertà', 'Piazza San Marco'],
    towns: ['Bergamo', 'Forlì', 'Padova', 'Prato', 'L’Aquila', 'Cuneo', 'Bari'],
    people: ['Giulia Ferri', 'Niccolò Bassi', 'Chiara Vitale', 'Luca De Santis', 'Elena Gallo', 'Matteo Conti'],
    street: (name, number) => `${name}, ${number}`,
    postcode: five,
    town: before,
    phone: (dice) => `+39 0${dice.int(10, 99)} ${dice.digits(7)}`,
    vat: (dice) => `IT${dice.int(10, 99)}${dice.digits(9)}`,
  },
};

export function makeParty(language: Language, dice: Dice): Party {
  const country = COUNTRIES[language];
  const person = dice.pick(country.people);
  const name = dice.pick(country.names);
  return {
    name: `${name} ${dice.pick(country.trades)} ${dice.pick(country.forms)}`,
    ...placeIn(country, dice),
    person,
    email: `${plain(person).replace(/ +/g, '.')}@${plain(name).replace(/[^a-z]+/g, '-')}.example`,
    phone: country.phone(dice),
    vat: country.vat(dice),
  };
}

/** Another place of the same company. */
export function makeSite(language: Language, of: Party, name: string, dice: Dice): Party {
  return { ...of, name: `${of.name} – ${name}`, ...placeIn(COUNTRIES[language], dice) };
}

function placeIn(country: Country, dice: Dice): Pick<Party, 'street' | 'town' | 'country'> {
  return {
    street: country.street(dice.pick(country.streets), dice.int(2, 148)),
    town: country.town(country.postcode(dice), dice.pick(country.towns)),
    country: country.name,
  };
}

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replaceAll('ß', 'ss')
    .replaceAll('ı', 'i')
    .toLowerCase();
