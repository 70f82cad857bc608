/** Classifies an administrative request and plans its execution. Nothing is executed. */
import { defineTeam, flag, list, object, oneOf, sequential, task, text } from '../define-team.ts';

export const adminTeam = defineTeam({
  id: 'admin_team',
  purpose: 'Classify an administrative request and plan its execution.',
  keywords: ['admin', 'administratif', 'task'],
  agents: {
    admin_classifier_agent: {
      role: 'classifier',
      purpose:
        'You say what kind of administrative request it is, how urgent, who has to approve it and which rules apply.',
      capabilities: ['type', 'priority', 'routing', 'compliance'],
      taskType: 'classification',
      extras: ['request', 'requester_info', 'context'],
      writes: { admin_priority: 'priority.level', admin_classification: '' },
      cap: 5_000,
      output: {
        classification: object({
          task_type: oneOf(
            'approval',
            'configuration',
            'access_management',
            'reporting',
            'maintenance',
            'audit',
            'other',
          ),
          category: oneOf('security', 'operations', 'finance', 'hr', 'it', 'compliance', 'general'),
          subcategory: text,
        }),
        priority: object({
          level: oneOf('critical', 'high', 'medium', 'low'),
          urgency: oneOf('immediate', 'same_day', 'within_week', 'no_deadline'),
          business_impact: text,
        }),
        routing: object({
          department: text,
          approval_required: flag,
          approval_level: oneOf('manager', 'director', 'executive', 'none'),
          escalation_path: text,
        }),
        requirements: object({
          permissions_needed: list(text),
          resources_needed: list(text),
          dependencies: list(text),
          estimated_effort: text,
        }),
        compliance: object({
          requires_audit_trail: flag,
          regulatory_considerations: list(text),
          data_sensitivity: oneOf('public', 'internal', 'confidential', 'restricted'),
        }),
        summary: text,
      },
    },
    admin_executor_agent: {
      role: 'executor',
      purpose:
        'You plan how an administrative request is carried out: steps, people, risks, communication. You only plan.',
      capabilities: ['plan', 'resources', 'risks', 'communication'],
      taskType: 'reasoning',
      reads: ['admin_classification', 'admin_priority'],
      writes: { admin_outcome: 'outcome', admin_execution: '' },
      cap: 4_000,
      output: {
        execution_plan: object({
          strategy: oneOf('immediate', 'scheduled', 'phased', 'delegated'),
          status: oneOf('approved', 'pending_approval', 'queued', 'expedited', 'on_hold'),
          steps: list(object({ step: text, action: text, responsible: text, deadline: text })),
          timeline: object({ start: text, estimated_completion: text, milestones: list(text) }),
        }),
        resource_allocation: object({ team_members: list(text), tools_required: list(text), budget_impact: text }),
        risk_assessment: object({ identified_risks: list(text), contingency_plan: text }),
        communication: object({
          stakeholders: list(text),
          update_frequency: text,
          notification_triggers: list(text),
        }),
        success_criteria: object({
          metrics: list(text),
          acceptance_criteria: list(text),
          verification_steps: list(text),
        }),
        outcome: oneOf('expedited', 'queued', 'scheduled', 'delegated', 'on_hold'),
        summary: text,
      },
    },
  },
  run: sequential(task('classify', 'admin_classifier_agent'), task('execute', 'admin_executor_agent')),
  iterate: { worker: 'admin_executor_agent', reviewer: 'admin_classifier_agent' },
  artifacts: ['admin_execution'],
});
