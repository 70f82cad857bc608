/** Headers of Polish exports. */
import type { HeaderWords } from './roles.ts';

export const POLISH: HeaderWords = {
  summary: [
    'Tytuł, Temat, Podsumowanie, Nazwa, Nazwa zadania, Tytuł zadania, Temat zadania, Krótki opis, Nazwa karty',
    'Nazwa zagadnienia, Przedmiot, Streszczenie, Tytuł zgłoszenia, Nazwa czynności, Nazwa elementu',
  ],
  task: [
    'Zadanie, Zadania, Podzadanie, Zagadnienie, Zgłoszenie, Praca, Prace, Zlecenie opis, =Ticket, Pakiet roboczy',
    'Wykonana praca, Wykonane prace, Wniosek',
  ],
  description: [
    'Opis, Szczegóły, Opis zadania, Opis szczegółowy, Opis pracy, Opis prac, Treść, Tekst, Opis czynności',
    'Zakres prac',
  ],
  note: ['Komentarz, Komentarze, Uwaga, Uwagi, Notatka, Notatki, Adnotacja'],
  name: ['=Nazwa'],
  activity: [
    'Aktywność, Aktywności, Czynność, Czynności, Działanie, Działania, Usługa, Krok, Zdarzenie, Operacja',
    'Nazwa aktywności',
  ],
  kind: [
    'Kategoria, Kategorie, Typ, Rodzaj, Klasa, Klasyfikacja, Typ zadania, Rodzaj zadania, Typ zagadnienia',
    'Typ zgłoszenia, Rodzaj pracy, Rodzaj prac, Typ pracy, Typ aktywności, Rodzaj czynności, Rodzaj aktywności',
    'Faza, Etap, Lista, Lista zadań, Komponent, Komponenty, Podkategoria, Proces, Obszar, Rodzaj godzin',
  ],
  tag: ['Etykieta, Etykiety, Tagi, Słowo kluczowe, Słowa kluczowe, Znacznik'],
  project: [
    'Projekt, Projekty, Nazwa projektu, Podprojekt, Zadanie nadrzędne, Zagadnienie nadrzędne, Przestrzeń robocza',
    'Budowa, Umowa, Nazwa sprawy',
  ],
  client: [
    'Klient, Klienci, Nazwa klienta, Firma, Nazwa firmy, Zleceniodawca, Kontrahent, Organizacja, Przedsiębiorstwo',
  ],
  person: [
    'Użytkownik, Użytkownicy, Nazwa użytkownika, Pracownik, Pracownicy, Imię i nazwisko, Imię nazwisko',
    'Nazwisko i imię, Nazwisko imię, Imię, Nazwisko, Imię pracownika, Nazwisko pracownika, Osoba, Osoba przypisana',
    'Przypisany do, Przypisane do, Przypisana osoba, Autor, Zasób, Zasoby, Nazwa zasobu, Nazwy zasobów, Członek',
    'Członek zespołu, Członkowie, Wykonawca, Wykonujący, Osoba odpowiedzialna, Odpowiedzialny, Utworzone przez',
    'Utworzył, Zgłaszający, Konsultant, Technik, Właściciel, Kto, Współpracownik',
  ],
  email: ['E-mail, Email, Adres e-mail, Adres email, Poczta elektroniczna'],
  team: [
    'Zespół, Zespoły, Dział, Grupa, Jednostka organizacyjna, Oddział, Rola, Stanowisko, MPK, Centrum kosztów',
    'Wydział',
  ],
  id: [
    'Identyfikator, Numer, Nr, Lp, Kod, Klucz, Symbol, Numer zadania, Nr zadania, Kod zadania, ID zadania',
    'Numer zgłoszenia, Nr zgłoszenia, Klucz zgłoszenia, Numer zlecenia, Nr zlecenia, Zlecenie, Numer projektu',
    'Kod projektu, Numer klienta, Numer pracownika, Nr pracownika, Numer ewidencyjny, Numer zamówienia, Sygnatura',
    'Zamówienie',
  ],
  case: ['Sprawa, Numer sprawy, ID sprawy, Przypadek, ID przypadku, Instancja procesu'],
  status: [
    'Stan, Rozwiązanie, Zatwierdzenie, Zatwierdzone, Zatwierdzony, Wyeksportowane, Zablokowane, Ukończone',
    'Zakończone, Zarchiwizowane',
  ],
  priority: ['Priorytet, Pilność, Ważność'],
  url: ['Odnośnik, Łącze, Adres strony, Strona www'],
  location: ['Lokalizacja, Miejsce, Sala, Pokój, Adres, Miasto, Kraj, Miejsce pracy'],
  date: [
    '=Data, Dzień, Data pracy, Data wykonania, Data wpisu, Dzień pracy, Data zadania, Data czynności',
    'Data zdarzenia',
  ],
  start_date: ['Data rozpoczęcia, Data początku, Data początkowa, Data startu, Data od, Data rozp'],
  start_time: [
    '=~Czas, Godzina rozpoczęcia, Czas rozpoczęcia, Godzina od, Godz rozpoczęcia, Godz od, Czas od',
    'Godzina początkowa, Godzina startu, Godzina początku, =Godzina, Godzina wejścia, Wejście, Początek pracy',
    'Rozpoczęcie pracy',
  ],
  start: [
    '=Początek, =Od, =Start, =Rozpoczęcie, Rozpoczęto, Rozpoczęcie zadania, Data i godzina rozpoczęcia',
    'Data i czas rozpoczęcia, Rzeczywiste rozpoczęcie',
  ],
  end_date: ['Data zakończenia, Data końca, Data końcowa, Data do, Data zak'],
  end_time: [
    'Godzina zakończenia, Czas zakończenia, Godzina do, Godz zakończenia, Godz do, Czas do, Godzina końcowa',
    'Godzina końca, Godzina wyjścia, Wyjście, Koniec pracy, Zakończenie pracy',
  ],
  end: [
    '=Koniec, =Do, =Zakończenie, Zakończono, Data i godzina zakończenia, Data i czas zakończenia',
    'Rzeczywiste zakończenie',
  ],
  timestamp: ['Znacznik czasu, Sygnatura czasowa, Data i godzina, Data i czas, Data/godzina'],
  created: [
    'Utworzono, Utworzone, Utworzony, Data utworzenia, Zaktualizowano, Zaktualizowane, Data aktualizacji',
    'Ostatnia aktualizacja, Zmodyfikowano, Data modyfikacji, Ostatnia modyfikacja, Zamknięto, Zamknięte',
    'Data zamknięcia, Rozwiązano, Data rozwiązania, Data zgłoszenia, Data otwarcia, Otwarto, Data ukończenia',
    'Data faktury, Ostatnia aktywność, Data dodania, Dodano, Data zatwierdzenia, Data wprowadzenia, Data urodzenia',
  ],
  due: [
    'Termin, Data oddania, Termin wykonania, Termin realizacji, Termin ukończenia, Planowane rozpoczęcie',
    'Planowane zakończenie, Planowana data rozpoczęcia, Planowana data zakończenia, Oczekiwana data zakończenia',
    'Data docelowa, Termin płatności',
  ],
  actual: [
    'Przepracowany czas, Czas przepracowany, Przepracowane godziny, Godziny przepracowane, Przepracowano',
    'Liczba przepracowanych godzin, Czas pracy, Godziny pracy, Rzeczywisty czas, Czas rzeczywisty',
    'Rzeczywiste godziny, Godziny rzeczywiste, Faktyczny czas, Czas faktyczny, Faktyczne godziny, Spędzony czas',
    'Czas spędzony, Poświęcony czas, Czas poświęcony, Zarejestrowany czas, Czas zarejestrowany, Zalogowany czas',
    'Zalogowane godziny, Zarejestrowane godziny, Zaraportowany czas, Zaraportowane godziny, Wykorzystany czas',
    'Czas wykonania, Czas realizacji, Czas wykonywania, Wykonanie, Ukończona praca, Praca rzeczywista, Zużyty czas',
    'Śledzenie czasu, Śledzenie czasu pracy, Wypracowane godziny, Czas netto, Przepracowane minuty',
    'Czas pracy netto',
  ],
  duration: [
    'Czas, Czas trwania, Godzin, Godziny, Godz, Liczba godzin, Ilość godzin, Minuty, Minut, Liczba minut',
    'Ilość minut, Sekundy, Nakład pracy, Pracochłonność, Nakład, Długość, Roboczogodziny, Osobodni, Osobogodziny',
    '=Dni, Liczba dni, Czas dziesiętnie, Czas dziesiętny, Godziny dziesiętnie, Godziny dziesiętne, Wysiłek',
    '~Całkowity czas, ~Czas całkowity, ~Łączny czas, ~Czas łącznie, ~Łączna liczba godzin, ~Suma godzin',
    '~Godziny płatne, ~Godziny rozliczane, ~Godziny do rozliczenia, ~Czas płatny, ~Czas rozliczany, ~Razem godzin',
    '~Godziny fakturowane',
  ],
  estimate: [
    'Szacunek, Oszacowanie, =Szacowany, =Szacowane, =Oszacowane, Szacowany czas, Czas szacowany',
    'Całkowity szacowany czas, Szacowane godziny, Szacowany czas trwania, Szacowana pracochłonność, Oszacowany czas',
    'Oryginalne oszacowanie, Pierwotne oszacowanie, Pierwotny szacunek, =Planowane, =Planowany, =Plan',
    'Planowany czas, Planowane godziny, Planowana praca, Czas planowany, Godziny planowane, Zaplanowane godziny',
    'Zaplanowany czas, =Zaplanowane, =Budżet, Budżet godzin, Budżet czasu, Budżet godzinowy, Oczekiwane godziny',
    'Przewidywany czas, Przydzielone godziny, Norma, Wymiar czasu pracy, Godzinowa kwota',
    'Wstępnie zaplanowane godziny',
  ],
  remaining: [
    'Pozostało, Pozostały czas, Pozostałe godziny, Pozostała praca, Pozostałe oszacowanie, Czas pozostały, Saldo',
    'Różnica, Odchylenie, Bilans, Szacowany pozostały czas',
  ],
  cumulative: [
    'Razem, Suma, Łącznie, Ogółem, Suma częściowa, Suma końcowa, Narastająco, Suma tygodnia, Suma tygodniowa',
    'Razem tydzień, Godziny tygodniowo, Godziny miesięcznie, Godziny dziennie, Suma dnia',
    'Całkowity przepracowany czas',
  ],
  hours_part: ['=Godziny, =Godzin'],
  minutes_part: ['=Minuty, =Minut'],
  break: [
    'Przerwa, Przerwy, Czas przerwy, Czas przerw, Długość przerwy, Początek przerwy, Koniec przerwy, Czas wolny',
    'Lunch',
  ],
  overtime: ['Nadgodziny, Godziny nadliczbowe, Nadliczbowe'],
  points: ['Punkty, Punkty historii, Złożoność'],
  ratio: [
    'Procent, Postęp, % wykonania, % ukończenia, % ukończone, Udział, Wykorzystanie, Stopień ukończenia, Stawka VAT',
    'Stopień realizacji, Wysokość podatku',
  ],
  count: ['Ilość, Liczba, Liczba zadań, Liczba wpisów, Ilość zadań, Szt, Częstotliwość, Liczba wystąpień'],
  rate: [
    'Stawka, Stawka godzinowa, Stawka za godzinę, Cena za godzinę, Koszt godziny, Koszt za godzinę',
    'Cena jednostkowa, Stawka dzienna, Stawka wewnętrzna, Stała stawka, Stawki',
  ],
  money: [
    'Kwota, Cena, Koszt, Koszty, Wartość, Cena całkowita, Koszt całkowity, Kwota całkowita, Przychód, Wynagrodzenie',
    'Honorarium, Pensja, Kwota netto, Kwota brutto, Wydatki, Opłata, Opłaty',
  ],
  currency: ['Waluta'],
  billable: [
    'Płatne, Płatny, Rozliczalne, Fakturowane, Do zafakturowania, Zafakturowane, Niepłatne, Rozliczone',
    'Do rozliczenia, Rozliczany, Opłacone',
  ],
  unit: ['Jednostka, Jednostka miary, Jednostka czasu, Jm'],
  week: ['Tydzień, Numer tygodnia, Nr tygodnia'],
  month: ['Miesiąc, Rok, Kwartał, Okres, Okres rozliczeniowy'],
  weekday: ['Dzień tygodnia'],
  nothing: [
    'Strefa czasowa, Cały dzień, Kolor, Źródło, Wersja, Wersja docelowa, Załączniki, Nazwa pliku, Czas reakcji',
    'Czas odpowiedzi, Czas rozwiązania, Czas oczekiwania, Telefon, Kod pocztowy, Podpis, Karta pracy',
    'Ewidencja czasu pracy, Karta czasu pracy, Prywatne, Środowisko, Obserwatorzy',
  ],
};
