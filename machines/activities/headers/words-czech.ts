/** Headers of Czech exports. */
import type { HeaderWords } from './roles.ts';

export const CZECH: HeaderWords = {
  summary: [
    'Název, Předmět, Titulek, Nadpis, Souhrn, Shrnutí, Téma, Název úkolu, Název úlohy, Předmět úkolu, Úkol Předmět',
    'Název karty, Krátký popis, Stručný popis, Název položky, Název požadavku, Název činnosti',
  ],
  task: [
    'Úkol, Úkoly, Úloha, Úlohy, Podúkol, Práce, Požadavek, =Tiket, =Ticket, Pracovní balíček, Vykonaná práce',
    'Provedená práce, Provedené práce, Hlášení',
  ],
  description: [
    'Popis, Podrobnosti, Detail, Detaily, Popis úkolu, Popis práce, Popis činnosti, Obsah, Text, Podrobný popis',
    'Náplň práce',
  ],
  note: ['Komentář, Komentáře, Poznámka, Poznámky, Připomínka'],
  name: ['=Jméno'],
  activity: ['Aktivita, Aktivity, Činnost, Činnosti, Výkon, Služba, Krok, Událost, Operace, Název aktivity'],
  kind: [
    'Kategorie, Typ, Druh, Třída, Klasifikace, Typ úkolu, Typ úlohy, Typ požadavku, Typ práce, Druh práce',
    'Typ činnosti, Druh činnosti, Typ aktivity, Fronta, Fáze, Seznam, Seznam úkolů, Komponenta, Komponenty',
    'Podkategorie, Proces, Oblast, Typ hodin',
  ],
  tag: ['Štítek, Štítky, Značka, Značky, Klíčové slovo, Klíčová slova'],
  project: [
    'Projekt, Projekty, Název projektu, Podprojekt, Rodičovský úkol, Nadřazený úkol, Zakázka, Název zakázky',
    'Pracovní prostor, Stavba, Smlouva',
  ],
  client: [
    'Zákazník, Zákazníci, Jméno zákazníka, Název zákazníka, Klient, Klienti, Název klienta, Firma, Společnost',
    'Odběratel, Organizace, Zadavatel',
  ],
  person: [
    'Uživatel, Uživatelé, Uživatelské jméno, Zaměstnanec, Zaměstnanci, Jméno zaměstnance, Pracovník, Pracovníci',
    'Jméno pracovníka, Osoba, Člen, Členové, Člen týmu, Přiřazeno, Přiřazeno komu, Přiřazená osoba, Přiřazený',
    'Řešitel, Autor, Zdroj, Zdroje, Název zdroje, Názvy zdrojů, Příjmení, Jméno a příjmení, Příjmení a jméno',
    'Celé jméno, Křestní jméno, Vytvořil, Zadal, Zodpovědný, Odpovědná osoba, Konzultant, Technik, Vlastník, Kdo',
    'Kolega, Žadatel, Přihlášení',
  ],
  email: ['E-mail, Email, E-mailová adresa, Emailová adresa'],
  team: ['Tým, Týmy, Oddělení, Skupina, Skupiny, Středisko, Pobočka, Role, Divize, Nákladové středisko, Útvar'],
  id: [
    'Identifikátor, Číslo, Č, Kód, Klíč, Odkaz na číslo, Pořadové číslo, Číslo úkolu, Č úkolu, Číslo požadavku',
    'Klíč úkolu, ID úkolu, Číslo zakázky, Číslo projektu, Kód projektu, Číslo zákazníka, Osobní číslo',
    'Číslo zaměstnance, Číslo pracovníka, Číslo objednávky, Objednávka, Zkratka, Kód zakázky',
  ],
  case: ['Případ, Číslo případu, ID případu, Instance procesu'],
  status: ['Stav, Řešení, Schválení, Schváleno, Exportováno, Uzamčeno, Hotovo, Dokončené, Archivováno'],
  priority: ['Priorita, Naléhavost, Závažnost, Důležitost'],
  url: ['Odkaz, Webová adresa'],
  location: ['Místo, Umístění, Místnost, Adresa, Město, Země, Lokalita, Pracoviště'],
  date: ['Datum, Den, Datum práce, Datum výkonu, Datum záznamu, Pracovní den, Datum činnosti, Datum provedení, Dne'],
  start_date: ['Datum začátku, Datum zahájení, Datum od, Počáteční datum, Začátek datum'],
  start_time: [
    '=~Čas, Čas začátku, Čas zahájení, Čas od, Hodina od, Počáteční čas, Příchod, Začátek práce',
    'Začátek pracovní doby, Čas příchodu, Začátek čas',
  ],
  start: [
    '=Začátek, =Od, =Start, =Počátek, =Zahájení, Zahájeno, Začato, Datum a čas začátku, Datum a čas zahájení',
    'Skutečný začátek, Skutečné zahájení',
  ],
  end_date: ['Datum konce, Datum ukončení, Datum do, Konečné datum, Konec datum'],
  end_time: [
    'Čas konce, Čas ukončení, Čas do, Hodina do, Koncový čas, Odchod, Konec práce, Konec pracovní doby, Čas odchodu',
    'Konec čas',
  ],
  end: [
    '=Konec, =Do, =Ukončení, Ukončeno, Datum a čas konce, Datum a čas ukončení, Skutečný konec, Skutečné dokončení',
  ],
  timestamp: ['Časové razítko, Časová značka, Datum a čas, Datum/čas, Datum čas'],
  created: [
    'Vytvořeno, Datum vytvoření, Založeno, Aktualizováno, Datum aktualizace, Poslední aktualizace, Změněno',
    'Datum změny, Poslední změna, Upraveno, Naposledy upraveno, Uzavřeno, Uzavřeno dne, Datum uzavření, Vyřešeno',
    'Datum vyřešení, Otevřeno, Datum otevření, Dokončeno, Dokončeno dne, Datum dokončení, Datum fakturace',
    'Datum faktury, Poslední aktivita, Přidáno, Datum přidání, Datum schválení, Zadáno, Datum zadání',
    'Datum narození',
  ],
  due: [
    'Termín, Uzavřít do, Termín dokončení, Termín splnění, Splatnost, Datum splatnosti, Plánovaný začátek',
    'Plánovaný konec, Plánované zahájení, Plánované dokončení, Plánované datum, Cílové datum, Deadline',
  ],
  actual: [
    'Strávený čas, Celkem strávený čas, Čas strávený, Odpracovaný čas, Odpracovaná doba, Odpracované hodiny',
    'Odpracováno, Odpracovaných hodin, Hodiny odpracované, Počet odpracovaných hodin, Skutečný čas, Skutečné hodiny',
    'Skutečná doba, Skutečná doba trvání, Skutečnost, Skutečná práce, Zaznamenaný čas, Zaznamenané hodiny',
    'Vykázaný čas, Vykázané hodiny, Vykázáno, Zalogovaný čas, Zapsaný čas, Zapsané hodiny, Spotřebovaný čas',
    'Pracovní doba, Pracovní čas, Pracovní hodiny, Reálný čas, Reálné hodiny, Dokončená práce, Sledování času',
    'Čistý čas, Čistá pracovní doba, Doba zpracování, Čas zpracování, Evidovaný čas, Odpracované minuty',
  ],
  duration: [
    '~Součet hodin, Doba, Doba trvání, Trvání, Čas, Hodina, Hodiny, Hodin, Hod, Počet hodin, Minuty, Minut',
    'Počet minut, Sekundy, Délka, Délka trvání, Úsilí, Pracnost, Náročnost, Čas desetinně, Hodiny desetinně',
    'Desetinné hodiny, Člověkodny, Člověkohodiny, =Dny, Počet dní, ~Celkový čas, ~Celková doba',
    '~Celková doba trvání, ~Celkem hodin, ~Celkový počet hodin, ~Hodin celkem, ~Hodiny celkem, ~Čas celkem',
    '~Fakturované hodiny, ~Fakturovatelné hodiny, ~Účtovatelné hodiny, ~Účtované hodiny, ~Fakturovaný čas',
  ],
  estimate: [
    'Odhad, =Odhadovaný, =Odhadováno, =Odhadnuto, Odhadovaná doba, Odhadovaný čas, Celkový odhadovaný čas',
    'Odhadované hodiny, Odhad času, Odhad hodin, Odhad pracnosti, Původní odhad, Odhadovaná pracnost',
    'Odhadované trvání, =Plán, =Plánováno, =Plánovaný, Plánovaný čas, Plánované hodiny, Plánovaná doba',
    'Plánovaná práce, Plán hodin, =Rozpočet, Rozpočet hodin, Hodinový rozpočet, Časový rozpočet, Očekávané hodiny',
    'Očekávaný čas, Přidělené hodiny, Kapacita, Hodinová kvóta, Fond hodin, Fond pracovní doby, Norma',
    'Původně plánované hodiny',
  ],
  remaining: [
    'Zbývá, Zbývající čas, Zbývající hodiny, Zbývající odhad, Zbývající práce, Odhadovaný zbývající čas',
    'Zbývající doba, Saldo, Rozdíl, Odchylka, Zbytek',
  ],
  cumulative: [
    'Celkem, Součet, Mezisoučet, Celkový součet, Kumulativně, Kumulovaný čas, Týdenní součet, Denní součet',
    'Součet týden, Hodin za den, Hodin za týden, Hodin za měsíc, Úhrnem',
  ],
  hours_part: ['=Hodiny, =Hodin, =Hod'],
  minutes_part: ['=Minuty, =Minut'],
  break: [
    'Přestávka, Přestávky, Pauza, Pauzy, Délka přestávky, Doba přestávky, Začátek přestávky, Konec přestávky, Oběd',
    'Volno, Začátek pauzy, Konec pauzy',
  ],
  overtime: ['Přesčas, Přesčasy, Přesčasové hodiny, Přesčasová práce'],
  points: ['Body, Příběhové body, Složitost'],
  ratio: [
    'Procento, Procenta, Pokrok, Průběh, Postup, % hotovo, % dokončeno, Podíl, Vytížení, Využití, Sazba daně',
    'Sazba DPH',
  ],
  count: ['Počet, Množství, Počet úkolů, Počet záznamů, Počet kusů, Ks, Četnost, Počet činností'],
  rate: [
    'Sazba, Hodinová sazba, Hodinová mzda, Cena za hodinu, Náklady za hodinu, Jednotková cena, Denní sazba',
    'Interní sazba, Fixní sazba, Sazby, Sazba za hodinu, Cena hodiny',
  ],
  money: [
    'Částka, Cena, Náklady, Náklad, Celková cena, Celkové náklady, Celková částka, Příjem, Hodnota, Mzda, Plat',
    'Honorář, Výdaje, Poplatky, Poplatek, Cena celkem, Částka celkem, Odměna',
  ],
  currency: ['Měna'],
  billable: [
    'Fakturovatelné, Účtovatelné, Zpoplatnitelné, Fakturováno, Vyfakturováno, Nefakturovatelné, Účtováno',
    'K fakturaci, Placeno, Zaplaceno',
  ],
  unit: ['Jednotka, Měrná jednotka, Časová jednotka, MJ'],
  week: ['Týden, Číslo týdne'],
  month: ['Měsíc, Rok, Čtvrtletí, Období, Kvartál'],
  weekday: ['Den v týdnu, Den týdne'],
  nothing: [
    'Časové pásmo, Celý den, Barva, Verze, Cílová verze, Přílohy, Soubor, Název souboru, Doba odezvy, Doba řešení',
    'Čas odezvy, Čekací doba, Doba čekání, Telefon, PSČ, Podpis, Pracovní výkaz, Výkaz práce, Soukromé, Prostředí',
    'Sledující',
  ],
};
