/** What English headers call things, people and places; with the keys that programs write whatever their language. */
import type { HeaderWords } from './roles.ts';

export const ENGLISH: HeaderWords = {
  summary: [
    'title, subject, summary, headline, topic, =text, short text, what, todo, to do, action item, short description',
    'brief description, task name, task title, task subject, task summary, name of task, issue summary, issue title',
    'issue name, ticket title, ticket subject, ticket summary, card name, card title, item name, item title',
    'story title, story name, work item title, work item name, work package subject, event name, event title',
    'meeting title, entry title, bug title, page title, window title, job description, to do item, todo item',
    'deliverable, action taken, work done, work performed, what was done, event subject',
  ],
  task: [
    'task, sub task, subtask, issue, ticket, request, work item, work package, story, user story, bug, incident',
    'assignment, =item, =items, =action, =card, =job, =event, =chore, =page, =work order description',
    '=tasks completed, =task completed',
  ],
  description: [
    'description, desc, detail, details, long description, full description, card description, task description',
    'issue description, item description, long text, body, content, explanation, narrative, task details',
  ],
  note: [
    'comment, note, memo, remark, annotation, observation, work description, worklog, work log, work note',
    'worklog description, worklog comment, comment text, time entry note, entry note, time entry description',
    'entry description, billing description, internal notes, additional comments, additional information',
    'close notes',
  ],
  name: ['name'],
  activity: [
    'activity, activities, activity name, activity description, activity en, concept name, process step, operation',
    'operation name, event class, work activity, =step, =service, =services, =event name',
  ],
  kind: [
    'category, category name, categories, subcategory, type, classification, bucket, kind, class, issue type, ticket type',
    'request type, work type, task type, job type, activity type, activity category, work item type, work category',
    'time type, entry type, hours type, pay type, event type, type of work, type of activity, work item kind',
    'tracker, task list, tasklist, list name, section, section column, bucket name, service item, service type',
    'product service, product item, pay code, earning code, earnings code, billing code, labor category',
    'labour category, phase, sprint, epic, epic name, epic link, component, component name, area path',
    'iteration path, iteration, milestone, theme, =stage, =list, =column, board column, =process, process name, =app',
    '=application, app name, cost type, rate type, billing type, time category, absence type, leave type',
    'resolution type',
  ],
  tag: ['time labels, tag names, tag, tags, label, keyword, hashtag'],
  project: [
    'space name, projects, project, project name, project title, program, programme, initiative, campaign',
    'engagement, matter, matter name, board, board name, workspace, space, folder, folder name, parent task',
    'parent task name, parent issue, parent summary, =parent, parent name, job name, jobcode, jobcode name',
    'sub project, subproject, portfolio, product line, project description, contract, project phase, project task',
  ],
  client: [
    'client, client name, customer, customer name, company, company name, account, account name, organization',
    'organisation, organization name, organisation name, business partner, payer, caller company',
  ],
  person: [
    'completed by, work author, last updated by, last modified by, user, user name, username, employee',
    'employee name, person, person name, people, assignee, assignee name, assigned to, author, worker, worker name',
    'member, member name, team member, resource, resource name, org resource, staff, staff member, staff name, who',
    'full name, first name, last name, fname, lname, given name, family name, surname, display name, owner',
    'owner name, reporter, creator, created by, updated by, modified by, changed by, logged by, entered by',
    'opened by, closed by, resolved by, submitted by, approved by, approver, responsible, responsible person',
    'performed by, done by, consultant, technician, agent, agent name, contractor, freelancer, colleague, handler',
    'operator, timekeeper, requester, requester name, requested by, requestor, caller, contact, contact name',
    'attendee, organizer, login, login name, engineer, developer, attorney, lawyer, manager, project manager',
    'supervisor, lead, name of employee',
  ],
  email: ['email, e mail, mail, email address, e mail address, user email, mail address, person email'],
  team: [
    'team, team name, department, group, group name, user group, division, business unit, org unit',
    'organizational unit, office, assignment group, org group, org role, role, cost center, cost centre, crew',
  ],
  id: [
    'custom task id, space id, folder id, list id, id, key, number, no, nr, num, code, #, uuid, guid, gid',
    'identifier, ref, reference, external id, external reference, serial, index, =row, =order, work order, wo, wbs',
    'wbs element, wbs code, =issue, issue key, issue id, =ticket, ticket no, ticket number, ticket id, ticket key',
    'case no, task id, task no, task key, job code, job number, job no, employee id, employee no, employee number',
    'person id, user id, account number, account id, project key, project id, project code, project number',
    'po number, purchase order, invoice number, invoice no, invoice, invoice id, time entry id, entry id',
    'worklog id, pernr, outline number, unique id, personnel number, payroll id, sys id, parent id, parent key',
    'parent link, docket',
  ],
  case: [
    'case, case id, case key, case number, case concept name, case name, case identifier, trace id',
    'process instance, process instance id',
  ],
  status: [
    'status, state, resolution, approval, approval status, task status, lifecycle transition, lifecycle state',
    'locked, exported, archived, approved, =done, =completed, is done, closed state, invoice status, payment status',
    'work state, workflow state, =complete, is running, outcome',
  ],
  priority: ['priority, urgency, severity, impact, importance, rank, criticality'],
  url: [
    'url, uri, link, hyperlink, permalink, website, web address, issue link, task link, task url, card url',
    'web link',
  ],
  location: [
    'location, place, room, address, city, country, site, latitude, longitude, ip address, region, venue, branch',
  ],
};
