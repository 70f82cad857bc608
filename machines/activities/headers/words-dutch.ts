/** Headers of Dutch exports. */
import type { HeaderWords } from './roles.ts';

export const DUTCH: HeaderWords = {
  summary: [
    'Titel, Onderwerp, Samenvatting, Omschrijving kort, Korte omschrijving, Korte beschrijving, Taaknaam, Naam taak',
    'Naam van de taak, Taaktitel, Kaartnaam, Naam van kaart, Wat, Benaming',
  ],
  task: [
    'Taak, Taken, Subtaak, Werk, Opdracht, Verzoek, =Ticket, Melding, Klus, Werkpakket, Actie, Werkzaamheid',
    'Werkzaamheden, Verrichting, Uitgevoerde werkzaamheden',
  ],
  description: [
    'Omschrijving, Beschrijving, Toelichting, Details, Inhoud, Taakomschrijving, Taakbeschrijving, Tekst',
    'Omschrijving werkzaamheden, Lange omschrijving',
  ],
  note: ['Opmerking, Opmerkingen, Commentaar, Notitie, Notities, Aantekening, Memo, Notitie intern'],
  name: ['=Naam'],
  activity: ['Activiteit, Activiteiten, Dienst, Diensten, Handeling, Stap, Bewerking, Gebeurtenis, Activiteitnaam'],
  kind: [
    'Categorie, Categorieën, Soort, Type, Klasse, Classificatie, Taaktype, Type taak, Soort werk',
    'Soort werkzaamheden, Type werk, Activiteitstype, Type activiteit, Soort activiteit, Urensoort, Uursoort',
    'Soort uren, Fase, Lijst, Takenlijst, Takenlijsten, Onderdeel, Component, Componenten, Subcategorie, Proces',
    'Uurtype, Uurcode, Looncomponent, Rubriek, Verlofsoort',
  ],
  tag: ['Label, Labels, Trefwoord, Trefwoorden, Etiket'],
  project: [
    'Project, Projecten, Projectnaam, Naam project, Naam van project, Subproject, Deelproject, Hoofdtaak',
    'Bovenliggende taak, Hoofdissue, Dossier, Werkruimte, Projectomschrijving, Contract',
  ],
  client: [
    'Klant, Klanten, Klantnaam, Naam klant, Opdrachtgever, Bedrijf, Bedrijfsnaam, Relatie, Relatienaam, Organisatie',
    'Debiteur, Cliënt',
  ],
  person: [
    'Medewerker, Medewerkers, Medewerkernaam, Naam medewerker, Naam van medewerker, Gebruiker, Gebruikers',
    'Gebruikersnaam, Werknemer, Naam werknemer, Persoon, Toegewezen aan, Toegewezen persoon, Verantwoordelijke',
    'Auteur, Resource, Resources, Teamlid, Lid, Leden, Voornaam, Achternaam, Volledige naam, Gemaakt door',
    'Aangemaakt door, Gewijzigd door, Melder, Aanvrager, Consultant, Monteur, Uitvoerder, Behandelaar, Eigenaar',
    'Wie, Collega, Bronnamen, Namen van resources',
  ],
  email: ['E-mail, Email, E-mailadres, Mailadres'],
  team: ['Afdeling, Groep, Team, Kostenplaats, Vestiging, Rol, Functie, Organisatie-eenheid, Divisie'],
  id: [
    'Nummer, Nr, Code, Sleutel, Referentie, Kenmerk, Taaknummer, Taak-ID, Ticketnummer, Projectnummer, Projectcode',
    'Klantnummer, Klantcode, Ordernummer, Opdrachtnummer, Personeelsnummer, Medewerkernummer, Medewerkercode',
    'Dossiernummer, Volgnummer, Bonnummer, Werkbon, Werkordernummer, Factuurnummer, Issuesleutel',
  ],
  case: ['Zaak, Zaaknummer, Zaak-ID, Casus, Procesinstantie'],
  status: [
    'Status, Toestand, Oplossing, Goedkeuring, Goedgekeurd, Geëxporteerd, Vergrendeld, Afgerond, Gereed, Voltooid',
    'Gearchiveerd',
  ],
  priority: ['Prioriteit, Urgentie, Ernst, Belang'],
  url: ['Koppeling, Webadres, Website'],
  location: ['Locatie, Plaats, Kamer, Ruimte, Adres, Stad, Land, Werkplek, Werklocatie'],
  date: [
    'Datum, Dag, Werkdatum, Werkdag, Boekdatum, Boekingsdatum, Datum werkzaamheden, Datum van uitvoering',
    'Uitvoerdatum, Wanneer, Datum activiteit',
  ],
  start_date: ['Startdatum, Begindatum, Aanvangsdatum, Datum begin, Datum start, Datum van, Ingangsdatum, Vanaf datum'],
  start_time: [
    '=~Tijd, Starttijd, Begintijd, Aanvangstijd, Tijd van, Tijd begin, Tijd start, Van tijd, Tijdstip begin',
    'Inkloktijd, Ingeklokt, Inklokken',
  ],
  start: [
    '=Start, =Begin, =Van, =Vanaf, =Aanvang, Gestart, Gestart op, Begonnen, Starttijdstip, Begintijdstip',
    'Werkelijke start, Werkelijk begin',
  ],
  end_date: ['Einddatum, Datum einde, Datum eind, Datum tot, Datum t/m, Tot datum'],
  end_time: ['Eindtijd, Tijd tot, Tijd einde, Tijd eind, Tot tijd, Uitkloktijd, Uitgeklokt, Uitklokken, Stoptijd'],
  end: ['=Einde, =Eind, =Tot, =T/m, =Stop, Beëindigd, Geëindigd, Eindtijdstip, Werkelijk einde'],
  timestamp: ['Tijdstempel, Tijdstip, Datum en tijd, Datum/tijd, Datum tijd'],
  created: [
    'Aangemaakt, Aangemaakt op, Aanmaakdatum, Gemaakt op, Gecreëerd, Creatiedatum, Gewijzigd, Gewijzigd op',
    'Wijzigingsdatum, Laatst gewijzigd, Laatst gewijzigd op, Laatste wijziging, Bijgewerkt, Bijgewerkt op',
    'Laatst bijgewerkt, Gesloten, Gesloten op, Opgelost, Opgelost op, Afgesloten op, Geopend, Geopend op',
    'Voltooid op, Afgerond op, Factuurdatum, Laatste activiteit, Invoerdatum, Goedgekeurd op, Meldingsdatum',
    'Gemeld op, Geboortedatum, Sluitingsdatum, Afsluitdatum',
  ],
  due: [
    'Vervaldatum, Deadline, Verwachte einddatum, Einddatum gepland, Geplande startdatum, Geplande einddatum',
    'Geplande start, Gepland einde, Streefdatum, Uiterste datum, Inleverdatum, Termijn, Opleverdatum, Leverdatum',
    'Verwachte startdatum',
  ],
  actual: [
    'Bestede tijd, Bestede uren, Besteed, Besteedde tijd, Gespendeerde tijd, Gespendeerde uren',
    'Totaal gespendeerde tijd, Gewerkte tijd, Gewerkte uren, Gewerkt, Uren gewerkt, Tijd gewerkt, Tijd besteed',
    'Uren besteed, Werkelijke tijd, Werkelijke uren, Werkelijke duur, Werkelijk, Werkelijk werk, Tijdsbesteding',
    'Geregistreerde tijd, Geregistreerde uren, Geboekte tijd, Geboekte uren, Gelogde tijd, Gelogde uren',
    'Gemaakte uren, Geschreven uren, Uren geboekt, Tijdregistratie, Urenregistratie, Werktijd, Werktijden, Werkuren',
    'Arbeidstijd, Arbeidsuren, Netto uren, Netto tijd, Netto werktijd, Gerealiseerd, Gerealiseerde uren',
    'Gerealiseerde tijd, Voltooid werk, Verbruikte tijd, Verbruikte uren, Nettotijd, Feitelijke uren',
    'Effectieve uren, Bestede minuten',
  ],
  duration: [
    '~Som van uren, ~Som van duur, Duur, Tijd, Tijden, Uur, Uren, Aantal uren, Aantal uur, Minuut, Minuten',
    'Aantal minuten, Seconden, Tijdsduur, Inspanning, Werklast, Uren decimaal, Decimale uren, Tijd decimaal',
    'Duur decimaal, Mandagen, Manuren, Mensdagen, =Dagen, Aantal dagen, Tijd in uren, Urenaantal, ~Totale tijd',
    '~Totale duur, ~Totaalduur, ~Totaal uren, ~Totale uren, ~Totaal aantal uren, ~Totaaltijd, ~Factureerbare uren',
    '~Declarabele uren, ~Gefactureerde uren, ~Factureerbare tijd, ~Uren totaal',
  ],
  estimate: [
    'Schatting, =Geschat, Oorspronkelijke schatting, Tijdschatting, Geschatte tijd, Geschatte totaaltijd',
    'Geschatte uren, Geschatte duur, Geschat werk, Begroting, =Begroot, Begrote uren, Begrote tijd, Uren begroot',
    '=Gepland, Geplande uren, Geplande tijd, Geplande duur, Gepland werk, Uren gepland, Urenbudget, Tijdsbudget',
    '=Budget, Gebudgetteerde uren, Verwachte uren, Verwachte tijd, Toegewezen uren, Capaciteit, Planning uren',
    'Contracturen, Uur quota, Streefuren, Norm, Normuren',
  ],
  remaining: [
    'Resterend, Resterende tijd, Resterende uren, Resterend werk, Resterende schatting, Resterende duur, Restant',
    'Resturen, Saldo, Verschil, Afwijking, Urensaldo, Nog te doen',
  ],
  cumulative: [
    'Totaal, Totalen, Eindtotaal, Algemeen totaal, Subtotaal, Som, Cumulatief, Cumulatieve uren, Weektotaal',
    'Dagtotaal, Maandtotaal, Totaal week, Uren per dag, Uren per week, Uren per maand, Weekuren',
  ],
  hours_part: ['=Uren, =Uur'],
  minutes_part: ['=Minuten, =Minuut'],
  break: [
    'Pauze, Pauzes, Pauzetijd, Pauzeduur, Rustpauze, Lunch, Lunchpauze, Onderbreking, Pauze begin, Pauze einde',
    'Begin pauze, Einde pauze, Recuperatie, Rusttijd',
  ],
  overtime: ['Overuren, Overwerk, Overwerkuren, Meeruren'],
  points: ['Punten, Verhaalpunten, Complexiteit'],
  ratio: [
    'Percentage, Voortgang, % voltooid, % gereed, Bezetting, Aandeel, Belastingtarief, Btw-tarief, % werk voltooid',
    'Bezettingsgraad',
  ],
  count: ['Aantal, Hoeveelheid, Stuks, Aantal taken, Aantal activiteiten, Aantal regels, Frequentie, Aantal keer'],
  rate: [
    'Tarief, Uurtarief, Uurloon, Prijs per uur, Kosten per uur, Kostprijs per uur, Dagtarief, Eenheidsprijs',
    'Intern tarief, Stukprijs, Uurprijs, Verkooptarief, Kostprijs',
  ],
  money: [
    'Bedrag, Prijs, Kosten, Totaalprijs, Totaalbedrag, Totale kosten, Omzet, Waarde, Loon, Salaris, Honorarium',
    'Factuurbedrag, Vast bedrag, Onkosten, Opbrengst, Werkelijke kosten',
  ],
  currency: ['Valuta, Munteenheid'],
  billable: [
    'Factureerbaar, Declarabel, Gefactureerd, Niet factureerbaar, Declareerbaar, Doorbelastbaar, Betaald',
    'Factureren',
  ],
  unit: ['Eenheid, Meeteenheid, Tijdseenheid, Eenheden'],
  week: ['Week, Weken, Weeknummer, Weeknr, Kalenderweek, Week nr'],
  month: ['Maand, Jaar, Kwartaal, Periode, Boekjaar, Tijdvak'],
  weekday: ['Dag van de week, Weekdag'],
  nothing: [
    'Tijdzone, Hele dag, Kleur, Bron, Versie, Bijlagen, Bestandsnaam, Doorlooptijd, Reactietijd, Responstijd',
    'Oplostijd, Wachttijd, Telefoon, Postcode, Handtekening, Urenstaat, Urenbriefje, Privé, Omgeving, Volgers',
    'Reistijd km, Kilometers',
  ],
};
