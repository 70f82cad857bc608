/** Headers of Italian exports. */
import type { HeaderWords } from './roles.ts';

export const ITALIAN: HeaderWords = {
  summary: [
    "Titolo, Oggetto, Riepilogo, Argomento, Nome attività, Nome dell'attività, Nome del compito, Titolo attività",
    "Titolo dell'attività, Nome della scheda, Denominazione, Descrizione breve, Breve descrizione, Nome elemento",
    'Nome task',
  ],
  task: [
    'Compito, Compiti, Attività, Mansione, Sottoattività, Segnalazione, Lavoro, Richiesta, =Ticket, Lavorazione',
    'Lavori, Incarico, Azione, Pacchetto di lavoro, Attività svolta, Lavoro svolto, Intervento',
  ],
  description: [
    "Descrizione, Dettagli, Dettaglio, Descrizione attività, Descrizione dell'attività, Descrizione dettagliata",
    'Contenuto, Testo, Descrizione lavoro',
  ],
  note: [
    'Commento, Commenti, Nota, =Note, Osservazione, Osservazioni, Annotazione, Annotazioni, Promemoria',
    'Note interne',
  ],
  name: ['=Nome'],
  activity: ['Attività, Servizio, Prestazione, Fase di lavoro, Evento, Passaggio, Operazione'],
  kind: [
    'Categoria, Categorie, Tipo, Tipologia, Classe, Classificazione, Genere, Tipo attività, Tipo di attività',
    'Tipologia attività, Tipo lavoro, Tipo di lavoro, Tipo richiesta, Tipo di richiesta, Tipo ticket, Tipo ore',
    'Fase, Elenco, Lista, Elenco attività, Componente, Componenti, Sottocategoria, Area, Processo, Causale',
  ],
  tag: ['Etichetta, Etichette, Parola chiave, Parole chiave'],
  project: [
    'Progetto, Progetti, Nome progetto, Nome del progetto, Sottoprogetto, Commessa, Pratica, Cantiere',
    'Attività principale, Attività padre, Area di lavoro, Contratto, Descrizione commessa',
  ],
  client: [
    'Cliente, Clienti, Nome cliente, Nome del cliente, Azienda, Società, Ditta, Organizzazione, Committente',
    'Ragione sociale',
  ],
  person: [
    'Utente, Utenti, Nome utente, Dipendente, Nome dipendente, Nome del dipendente, Persona, Collaboratore',
    'Assegnato a, Assegnatario, Autore, Risorsa, Risorse, Nome risorsa, Nomi risorse, Membro, Membri',
    'Membro del team, Operatore, Lavoratore, Responsabile, Nome completo, Nome e cognome, Cognome, Cognome e nome',
    'Nome Cognome, Cognome Nome, Creato da, Modificato da, Tecnico, Consulente, Addetto, Addetti, Richiedente',
    'Segnalatore, Proprietario, Chi, Impiegato',
  ],
  email: ['Email, E-mail, Indirizzo email, Indirizzo e-mail, Posta elettronica, Mail'],
  team: ['Squadra, Reparto, Gruppo, Dipartimento, Divisione, Ufficio, Ruolo, Centro di costo, Unità organizzativa'],
  id: [
    'Identificativo, Numero, N°, Num, Nr, Codice, Cod, Chiave, Riferimento, Rif, Matricola, Numero attività',
    "Numero ticket, Numero ordine, Numero d'ordine, Numero personale, Codice progetto, Codice cliente",
    'Codice commessa, Codice attività, Codice dipendente, ID attività, Ordine, Numero commessa, Numero pratica',
  ],
  case: ['Caso, ID caso, Numero caso, Identificativo caso, Istanza di processo'],
  status: [
    'Stato, Risoluzione, Approvazione, Esportato, Esportate, Approvato, Bloccato, Completato, Completata',
    'Archiviato, Terminato, Fatto',
  ],
  priority: ['Priorità, Urgenza, Gravità, Importanza'],
  url: ['Collegamento, Sito web, Indirizzo web'],
  location: ['Luogo, Posizione, Sede, Stanza, Indirizzo, Città, Paese, Località, Posto'],
  date: [
    "=Data, Giorno, Data lavoro, Data di lavoro, Data attività, Data dell'attività, Data registrazione",
    'Data di registrazione, Data intervento, Data competenza, Giornata, Data prestazione, Giorno di lavoro',
  ],
  start_date: ["Data inizio, Data di inizio, Data d'inizio, Data avvio, Data iniziale, Data da, Dal"],
  start_time: [
    "Ora inizio, Ora di inizio, Ora d'inizio, Orario inizio, Orario di inizio, Ora ingresso, Ora entrata, Orario",
    'Entrata, Dalle, Dalle ore, =Ora, Ora iniziale, Orario ingresso, Ora da',
  ],
  start: [
    '=Inizio, =Da, =Avvio, Iniziato, Iniziato il, Inizio effettivo, Data e ora inizio, Data e ora di inizio',
    'Data/ora inizio, Avviato',
  ],
  end_date: ['Data fine, Data di fine, Data termine, Data finale, Data a, =Al'],
  end_time: [
    'Ora fine, Ora di fine, Orario fine, Orario di fine, Ora uscita, Uscita, Alle, Alle ore, Ora finale',
    'Orario uscita, Ora a, Ora termine',
  ],
  end: ['=Fine, =Termine, Fine effettiva, Data e ora fine, Data e ora di fine, Data/ora fine, Terminato il'],
  timestamp: ['Marca temporale, Data e ora, Data/ora, Data ora'],
  created: [
    'Creato, Creata, Creato il, Data creazione, Data di creazione, Aggiornato, Aggiornata, Aggiornato il',
    'Data aggiornamento, Data di aggiornamento, Ultimo aggiornamento, Modificato, Modificato il, Data modifica',
    'Ultima modifica, Chiuso, Chiuso il, Data chiusura, Data di chiusura, Risolto, Risolto il, Data risoluzione',
    'Aperto il, Data apertura, Data di apertura, Completato il, Data completamento, Data di completamento',
    'Data fattura, Data fatturazione, Ultima attività, Data inserimento, Data approvazione, Data di nascita',
  ],
  due: [
    'Scadenza, Data scadenza, Data di scadenza, Data prevista, Termine previsto, Inizio previsto, Fine prevista',
    'Inizio pianificato, Fine pianificata, Data consegna, Data di consegna, Data inizio prevista',
    'Data fine prevista, Data obiettivo',
  ],
  actual: [
    'Tempo impiegato, Totale tempo impiegato, Tempo trascorso, Tempo dedicato, Tempo speso, Tempo lavorato',
    'Tempo di lavoro, Tempo effettivo, Tempo registrato, Tempo consuntivo, Tempo utilizzato, Ore lavorate',
    'Ore lavorative, Ore effettive, Ore di lavoro, Ore impiegate, Ore spese, Ore dedicate, Ore registrate',
    'Ore consuntivate, Ore consuntivo, Ore svolte, Ore fatte, Ore reali, Ore rendicontate, Consuntivo',
    'Durata effettiva, Durata reale, Lavoro effettivo, Lavoro completato, Impegno effettivo, =Effettivo, =Lavorato',
    '=Speso, Tracking del tempo, Monitoraggio tempo, Minuti lavorati, Giorni lavorati, Tempo netto, Ore nette',
    'Orario di lavoro effettivo',
  ],
  duration: [
    '~Somma di ore, ~Somma di durata, Durata, Tempo, Ore, Numero ore, N° ore, Nr ore, N ore, Numero di ore',
    'Quantità ore, Minuti, Numero minuti, Secondi, Impegno, Sforzo, Carico di lavoro, Ore decimali, Ore decimale',
    'Tempo decimale, Durata decimale, Ore uomo, Ore/uomo, Giorni uomo, Giornate uomo, Giornate/uomo, =Giorni',
    '=Giornate, Numero giorni, ~Durata totale, ~Tempo totale, ~Ore totali, ~Totale ore, ~Ore fatturabili',
    '~Ore fatturate, ~Tempo fatturabile, ~Durata fatturabile, ~Tot ore, ~Totale tempo',
  ],
  estimate: [
    'Stima, Stime, =Stimato, =Stimata, Stima originale, Stima iniziale, Tempo stimato, Totale tempo stimato',
    'Ore stimate, Durata stimata, Impegno stimato, Lavoro stimato, Ore previste, Tempo previsto, Durata prevista',
    'Ore pianificate, Tempo pianificato, Durata pianificata, Lavoro pianificato, =Pianificato, =Previsto',
    '=Preventivo, Ore preventivate, Ore preventivo, =Budget, Budget ore, Ore a budget, Ore assegnate',
    'Tempo assegnato, Capacità, Ore attese, Quota oraria, Ore inizialmente previste, Ore contrattuali',
  ],
  remaining: [
    'Rimanente, Tempo rimanente, Tempo rimanente stimato, Ore rimanenti, Lavoro rimanente, Stima rimanente',
    'Durata rimanente, Residuo, Ore residue, Tempo residuo, Saldo, Differenza, Scostamento, Saldo ore',
  ],
  cumulative: [
    'Totale, Totali, Totale generale, Totale complessivo, Cumulativo, Ore cumulate, Totale settimana',
    'Totale settimanale, Totale giorno, Totale giornaliero, Totale mese, Subtotale, Ore settimanali, Ore mensili',
    'Ore al giorno, Ore alla settimana, Ore al mese, Somma, =Tot',
  ],
  hours_part: ['=Ore'],
  minutes_part: ['=Minuti'],
  break: [
    'Pausa, Pause, Durata pausa, Tempo di pausa, Pausa pranzo, Inizio pausa, Fine pausa, Pranzo, Riposo',
    'Tempo libero',
  ],
  overtime: [
    'Straordinario, Straordinari, Ore straordinarie, Ore straordinario, Ore di straordinario, Lavoro straordinario',
  ],
  points: ['Punti, Punti storia, Complessità'],
  ratio: [
    'Percentuale, Avanzamento, Progresso, % completato, % completamento, % avanzamento, Utilizzo, Quota',
    '% lavoro completato, Percentuale completamento, Aliquota fiscale, Aliquota IVA',
  ],
  count: [
    'Quantità, Qtà, Conteggio, Numero di attività, Numero di voci, Occorrenze, Frequenza, Pezzi, Numero interventi',
  ],
  rate: [
    "Tariffa, Tariffa oraria, Costo orario, Prezzo orario, Tariffa giornaliera, Prezzo unitario, Prezzo all'ora",
    "Costo all'ora, Paga oraria, Tariffa fatturabile, Prezzo per ora, Prezzo fisso",
  ],
  money: [
    'Importo, Prezzo, Costo, Costi, Prezzo totale, Costo totale, Importo totale, Valore, Ricavo, Entrate, Compenso',
    'Stipendio, Spese, Importo fatturabile, Onorario, Costo interno, Costo effettivo',
  ],
  currency: ['Valuta'],
  billable: ['Fatturabile, Fatturato, Fatturata, Non fatturabile, Da fatturare, Addebitabile, Pagato'],
  unit: ['Unità, Unità di misura, Unità di tempo'],
  week: ['Settimana, Numero settimana, N° settimana'],
  month: ['Mese, Anno, Trimestre, Periodo, Esercizio'],
  weekday: ['Giorno della settimana, Giorno settimana'],
  nothing: [
    'Fuso orario, Tutto il giorno, Giornata intera, Colore, Fonte, Origine, Versione, Versione prevista, Allegati',
    'Nome file, Tempo di risposta, Tempo di risoluzione, Tempo di attesa, Telefono, CAP, Foglio ore',
    'Foglio presenze, Privato, Ambiente, Osservatori',
  ],
};
