/** Headers of French exports. */
import type { HeaderWords } from './roles.ts';

export const FRENCH: HeaderWords = {
  summary: [
    'Titre, Intitulé, Libellé, Sujet, Objet, Résumé, Désignation, Nom de la tâche, Nom tâche, Titre de la tâche',
    "Intitulé de la tâche, Libellé de la tâche, Libellé tâche, Nom de la carte, Résumé du ticket, Nom de l'élément",
    'Courte description, Description courte, Objet du ticket',
  ],
  task: [
    'Tâche, Tâches, Sous-tâche, Demande, Travail, =Ticket, Mission, Action, Opération, Travaux, Incident',
    'Intervention, Tâche effectuée, Travail effectué, Lot de travaux',
  ],
  description: [
    'Description, Descriptif, Détail, Détails, Contenu, Description de la tâche, Description détaillée, Texte',
    'Description du travail',
  ],
  note: ['Commentaire, Commentaires, Note, Notes, Remarque, Remarques, Observation, Observations, Mémo, Annotation'],
  name: ['=Nom'],
  activity: [
    "Activité, Activités, Prestation, Nom de l'activité, Étape, Type de prestation, Évènement, Événement, Service",
    'Nature des travaux',
  ],
  kind: [
    "Catégorie, Catégories, Type, Genre, Classification, Classe, Nature, Type de tâche, Type d'activité",
    'Type de demande, Type de ticket, Type de travail, Famille, Rubrique, Phase, Liste, Liste de tâches, Composant',
    "Composants, Tracker, Type d'heures, Sous-catégorie, Domaine, Processus, Type de temps",
  ],
  tag: ['Mot-clé, Mots-clés, Étiquette, Étiquettes, Libellés, Balise'],
  project: [
    'Projet, Projets, Nom du projet, Nom projet, Libellé projet, Sous-projet, Dossier, Chantier, Affaire, Programme',
    'Tâche parente, Demande parente, Tâche principale, Espace de travail, Contrat',
  ],
  client: ['Client, Clients, Nom du client, Nom client, Société, Entreprise, Compte, Organisation, Raison sociale'],
  person: [
    "Utilisateur, Utilisateurs, Nom d'utilisateur, Nom de l'utilisateur, Employé, Employée, Salarié, Salariée",
    'Collaborateur, Collaboratrice, Personne, Auteur, Assigné à, Assigné, Attribué à, Affecté à, Responsable',
    "Ressource, Ressources, Nom de la ressource, Noms ressources, Nom du salarié, Nom de l'employé",
    'Nom du collaborateur, Prénom, Nom de famille, Nom complet, Nom et prénom, Nom prénom, Prénom Nom, Membre',
    'Membres, Intervenant, Créé par, Modifié par, Rapporteur, Consultant, Technicien, Agent, Demandeur, Qui',
    "Propriétaire, Opérateur, Membre de l'équipe",
  ],
  email: ['Courriel, E-mail, Email, Adresse e-mail, Adresse email, Adresse courriel, Mail, Adresse mail'],
  team: ['Équipe, Équipes, Service, Département, Groupe, Direction, Division, Agence, Rôle, Pôle'],
  id: [
    'Identifiant, Numéro, N°, Num, Réf, Référence, Code, Clé, Clé du ticket, Clé de ticket, Clé de la demande',
    'Matricule, Numéro de tâche, N° tâche, N° de tâche, Numéro de ticket, Numéro de commande, N° de commande',
    'N° salarié, Code projet, Code client, Code affaire, Code tâche, Code analytique, Numéro de projet, Id tâche',
    'Id du ticket, N° projet, Commande, Numéro de dossier',
  ],
  case: ['Cas, Identifiant du cas, Id du cas, Numéro de cas, Instance de processus'],
  status: [
    'Statut, État, Avancement de statut, Résolution, Approbation, Exporté, Validé, Verrouillé, Terminé, Clôturé',
    'Archivé',
  ],
  priority: ['Priorité, Urgence, Gravité, Importance'],
  url: ['Lien, Adresse web, Site web'],
  location: ['Lieu, Salle, Adresse, Ville, Emplacement, Pays, Endroit, Localisation'],
  date: [
    "Date, Jour, Date de travail, Date du travail, Journée, Date de saisie, Date de la tâche, Date d'activité",
    "Date de l'activité, Date d'intervention, Date de réalisation, Date de la prestation, Jour de travail",
  ],
  start_date: ['Date de début, Date début, Date du début, Date de démarrage, Du'],
  start_time: [
    "Heure de début, Heure début, Heure du début, Heure d'arrivée, Heure de démarrage, Heure, Arrivée",
    "Heure arrivée, Heure d'entrée, Début du travail",
  ],
  start: [
    '=Début, =De, Commencé, Démarré, Commencé à, Commencé le, Démarré le, Date et heure de début, Début réel',
    'Horodatage de début, Début de la tâche, =Entrée, Date/heure de début',
  ],
  end_date: ['Date de fin, Date fin, Date de la fin, =Au'],
  end_time: [
    'Heure de fin, Heure fin, Heure de la fin, Heure de départ, Heure de sortie, Départ, Heure départ',
    'Fin du travail',
  ],
  end: [
    "=Fin, =À, =Jusqu'à, Terminé à, Date et heure de fin, Fin réelle, Horodatage de fin, Fin de la tâche, =Sortie",
    'Date/heure de fin',
  ],
  timestamp: ['Horodatage, Date et heure, Date/heure, Date heure'],
  created: [
    'Créé, Créée, Créé le, Création, Date de création, Mis à jour, Mise à jour, Mis à jour le, Date de mise à jour',
    'Modifié, Modifié le, Date de modification, Dernière modification, Dernière mise à jour, Fermé, Fermé le',
    "Date de fermeture, Date de clôture, Résolu, Résolu le, Date de résolution, Ouvert le, Date d'ouverture",
    'Terminé le, Date de saisie système, Date de facturation, Date de facture, Dernière activité, Clôturé le',
    "Date d'achèvement, Date d'approbation, Date de validation, Date de naissance",
  ],
  due: [
    "Échéance, Date d'échéance, Date limite, Date prévue, Date cible, Date de fin prévue, Date de début prévue",
    'Début prévu, Fin prévue, Début planifié, Fin planifiée, Date butoir, Délai, Date de livraison',
  ],
  actual: [
    'Temps passé, Temps passés, Temps passé total, Temps consacré, Temps réel, Temps réels, Temps effectif',
    'Temps effectué, Temps travaillé, Temps de travail, Temps de travail effectif, Temps enregistré, Temps consigné',
    'Temps consommé, Temps saisi, Temps pointé, Heures travaillées, Heures effectuées, Heures réalisées',
    'Heures réelles, Heures passées, Heures consommées, Heures de travail, Heures saisies, Durée réelle',
    'Durée effective, Durée travaillée, Durée du travail, Durée de travail, Travail réel, Charge réelle',
    'Charge consommée, Réalisé, Réel, =Consommé, =Passé, Suivi du temps, Minutes passées, Jours passés',
    'Jours travaillés, Travail achevé, Temps de traitement, Temps dépensé, Heures enregistrées',
  ],
  duration: [
    "Durée, Durées, Temps, Heures, Nb heures, Nombre d'heures, Nbre d'heures, Nb d'heures, Minutes",
    'Nombre de minutes, Nb minutes, Secondes, Charge, Effort, Charge de travail, Jours/homme, Jours-homme',
    'Jour homme, J/H, =Jours, Nombre de jours, Nb jours, Heures décimales, Heures décimal, Durée décimale',
    'Heure décimale, Temps décimal, =Travail en heures, Heures-homme, Volume horaire, ~Durée totale, ~Temps total',
    '~Heures totales, ~Total heures, ~Total des heures, ~Heures facturables, ~Heures facturées, ~Temps facturable',
    '~Temps facturé, ~Durée facturable, ~Durée facturée, ~Total temps',
  ],
  estimate: [
    "Estimation, =Estimé, =Estimée, Estimation originale, Estimation initiale, Estimation d'origine, Temps estimé",
    'Temps estimé total, Heures estimées, Durée estimée, Charge estimée, Effort estimé, Travail estimé, Temps prévu',
    'Heures prévues, Durée prévue, Charge prévue, Travail prévu, =Prévu, =Prévue, =Planifié, Heures planifiées',
    'Temps planifié, Durée planifiée, Travail planifié, Charge planifiée, Budget heures, Budget temps, =Budget',
    'Heures budgétées, Quota horaire, Temps alloué, Heures allouées, Capacité, Objectif',
    'Heures initialement prévues, Prévision, Temps théorique, Heures théoriques',
  ],
  remaining: [
    'Reste, Restant, Reste à faire, Temps restant, Temps restant estimé, Heures restantes, Travail restant',
    "Charge restante, Durée restante, Estimation restante, RAF, Écart, Solde, Différence, Solde d'heures",
  ],
  cumulative: [
    'Total, Totaux, Total général, Cumul, Cumulé, Temps cumulé, Heures cumulées, Durée cumulée, Total semaine',
    'Total jour, Total mois, Total hebdomadaire, Sous-total, Heures par jour, Heures par semaine, Heures par mois',
    'Somme',
  ],
  hours_part: ['=Heures'],
  minutes_part: ['=Minutes'],
  break: [
    'Pause, Pauses, Temps de pause, Durée de pause, Durée pause, Pause déjeuner, Début pause, Fin pause',
    'Début de pause, Fin de pause, Repos, Interruption, Congé, Pause repas',
  ],
  overtime: ['Heures supplémentaires, Heures supp, Heures sup, H supp, HS, Temps supplémentaire'],
  points: ["Points, Points d'effort, Points de story, Points de récit, Complexité"],
  ratio: [
    "Pourcentage, Avancement, Progression, % réalisé, % achevé, % avancement, Taux d'occupation, Taux d'avancement",
    "Taux d'utilisation, Part, % travail achevé, Taux d'imposition, Taux de TVA, Ratio",
  ],
  count: [
    "Quantité, Qté, Nombre, Nb, Nbre, Nombre de tâches, Nombre d'entrées, Nombre d'activités, Effectif, Occurrences",
    'Fréquence, Nombre de fois',
  ],
  rate: [
    'Taux horaire, Taux, Tarif, Tarif horaire, Tarifs, Prix horaire, Coût horaire, Taux journalier, TJM',
    "Prix unitaire, Prix à l'heure, Prix par heure, Coût par heure, Taux facturable, Taux interne, Taux fixe",
    'Salaire horaire, Taux de facturation',
  ],
  money: [
    'Montant, Prix, Coût, Coûts, Prix total, Coût total, Montant total, Revenu, Valeur, Total HT, Total TTC',
    "Montant HT, Montant TTC, Honoraires, Frais, Salaire, Montant facturable, Chiffre d'affaires, Dépenses",
    'Coût réel',
  ],
  currency: ['Devise, Monnaie'],
  billable: ['Facturable, Facturé, Facturée, Non facturable, À facturer, Est facturable, Payé, Refacturable'],
  unit: ['Unité, Unité de mesure, Unité de temps, Unités'],
  week: ['Semaine, N° semaine, Numéro de semaine, Sem, N° de semaine'],
  month: ['Mois, Année, Trimestre, Période, Exercice'],
  weekday: ['Jour de la semaine, Jour semaine'],
  nothing: [
    'Fuseau horaire, Journée entière, Couleur, Source, Version, Version cible, Pièces jointes, Nom du fichier',
    "Délai de réponse, Temps de réponse, Temps de résolution, Temps d'attente, Téléphone, Code postal, Signature",
    'Observateurs, Fiche de temps, Feuille de temps, Privé, Environnement',
  ],
};
