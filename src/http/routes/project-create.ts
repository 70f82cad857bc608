/**
 * Starting projects, and trying what one would become.
 *
 * Owns: `POST /api/projects`: reading a file that comes with it, and the event that starts a project. Does not own how
 * files are read (`src/documents`), nor what is acceptable (`given-project.ts`).
 */
import { readFile } from 'node:fs/promises';
import type { ActivityMapping } from '../../../machines/activities/mapping.ts';
import type { Request as ProjectRequest } from '../../../machines/orchestration/acceptance.ts';
import { previewPlan } from '../../../machines/orchestration/preview.ts';
import type { Team } from '../../../machines/teams/team.ts';
import type { ActivityInput, Payloads } from '../../../schemas/types.ts';
import { Fault } from '../../errors.ts';
import { derivesFrom } from '../../runtime/ids.ts';
import type { ActivityReader } from '../../store/activity-reader.ts';
import type { ActivityJob, ReadActivityFile } from '../../store/activity-task.ts';
import type { KeptRows, ProjectFiles } from '../../store/project-files.ts';
import type { Edge } from '../edge.ts';
import { asFault, invalid, tooLarge } from '../errors.ts';
import type { StoredUpload } from '../form.ts';
import {
  acceptProject,
  type GivenProject,
  PROJECT_FORM_FIELDS,
  projectFormSchema,
  projectSchema,
} from '../given-project.ts';
import { type Call, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

export interface ProjectCreateOptions {
  edge: Edge;
  activities: Pick<ActivityReader, 'read'>;
  /** Holds rows that are too many for events, and files that may have to be read again. */
  files: ProjectFiles;
  maxRows: number;
  teams: readonly Team[];
}

interface CreateQuery {
  dry_run?: boolean;
}

const FILENAME_MAX = 255;
/** Rows that a dry run shows. */
const SHOWN_ROWS = 20;

const inputShape = {
  ...shape.orNull(shape.objectRef('activity_input')),
  description: 'What the reading of the file says of itself; null without a file.',
};

export function projectCreate(options: ProjectCreateOptions): Route {
  return route<CreateQuery, GivenProject>({
    method: 'POST',
    path: '/api/projects',
    access: 'projects:write',
    tag: 'Projects',
    summary: 'Start a project',
    query: {
      dry_run: {
        description: 'true: reads and plans, and starts nothing.',
        schema: shape.boolean,
      },
    },
    body: {
      schema: projectSchema(options.maxRows),
      form: {
        fields: PROJECT_FORM_FIELDS,
        schema: projectFormSchema(options.maxRows),
        files: {
          field: 'file',
          filesMax: 1,
          partsMax: 20,
          description: 'Activities: CSV, TSV, TXT, XLSX, XLSM, XLS, ODS, HTML tables or JSON',
        },
      },
    },
    responses: {
      200: {
        description: 'What would come of it (dry_run)',
        schema: shape.object({
          dry_run: { const: true },
          input: inputShape,
          row_count: shape.count,
          rows: { ...shape.list(shape.objectRef('row')), description: `The first ${SHOWN_ROWS} as they are read.` },
          warnings: shape.list(shape.text),
          questions: {
            ...shape.list(
              shape.object({
                question_text: shape.text,
                answer_type: shape.text,
                field: shape.orNull(shape.text),
                'options?': shape.list(shape.text),
              }),
            ),
            description: 'What would be asked.',
          },
          plan: shape.object({
            kind: { type: ['string', 'null'] },
            items: shape.list(shape.object({ title: shape.text, agent_target: shape.text, status: shape.text })),
          }),
        }),
      },
      201: {
        description: 'Accepted',
        headers: { Location: 'Path of the project' },
        schema: shape.object({
          project_id: shape.uuid,
          status: shape.oneOf(['CREATED']),
          message: shape.text,
          rows: { ...shape.count, description: 'Rows taken from the request or its file.' },
          warnings: shape.list(shape.text),
          input: inputShape,
        }),
      },
    },
    errors: [400, 409, 413, 415],
    handler: (call) => create(options, call),
  });
}

async function create(options: ProjectCreateOptions, call: Call<CreateQuery, GivenProject>) {
  const { edge, activities, files, maxRows, teams } = options;
  const {
    body,
    files: [file],
  } = call;
  if (file && body.rows) {
    throw invalid('Rows are given twice.', [{ path: '/rows', message: 'must not be given together with a file' }]);
  }
  for (const key of ['sheet', 'mapping'] as const) {
    if (body[key] && !file) throw invalid('There is no file.', [{ path: `/${key}`, message: 'needs a file' }]);
  }
  const { items, rows: given } = acceptProject(body, maxRows);
  const mapping: ActivityMapping = { ...body.mapping, ...(body.sheet && { sheet: body.sheet }) };
  const hasRate = body.hourly_rate !== undefined;
  const read = file && (await readFileOf(activities, file, { mapping, maxRows, hasRate }));
  const firstRows = read?.firstRows ?? given?.slice(0, SHOWN_ROWS);
  const rowCount = read?.count ?? given?.length ?? 0;
  const projectId = call.id('project');
  const payload: Payloads['PROJECT.INITIAL_REQUEST_RECEIVED'] = {
    project_id: projectId,
    request_text: body.description,
    name: body.name,
    ...(body.requester && { requester: body.requester }),
    ...(file && {
      file_info: {
        filename: file.filename.slice(0, FILENAME_MAX),
        content_type: read?.contentType ?? '',
        size: file.sizeBytes,
      },
    }),
    ...(items && { items }),
    ...(read && { input: read.input as ActivityInput }),
    ...rateOf(body, read),
    ...(body.period && { period: body.period }),
    ...(body.requires_approval !== undefined && { requires_approval: body.requires_approval }),
  };
  const ids = { eventId: call.id('event'), correlationId: call.correlationId };
  const said = { warnings: read?.warnings ?? [], input: (read?.input ?? null) as ActivityInput | null };
  if (call.query.dry_run) {
    // What is planned and asked depends on there being rows, not on which.
    const tried = { ...payload, ...(firstRows && { rows: firstRows }) };
    const event = edge.envelope('PROJECT.INITIAL_REQUEST_RECEIVED', tried, ids);
    const { plan, items: planned, questions } = previewPlan(event as ProjectRequest, teams, derivesFrom(event));
    return {
      status: 200,
      body: {
        dry_run: true,
        ...said,
        row_count: rowCount,
        rows: firstRows ?? [],
        questions,
        plan: { kind: plan, items: planned },
      },
    };
  }
  try {
    // The answer to a question about the file reads it again.
    if (file && read?.input.question?.about === 'time column') {
      const artifact_id = call.id('upload');
      payload.file_info = { ...payload.file_info, artifact_id };
      await files.placeUpload(projectId, artifact_id, file.path);
    }
    const kept = await keep(files, projectId, call.id('rows'), read?.kept ?? (given && { rows: given }));
    await edge.publish(edge.envelope('PROJECT.INITIAL_REQUEST_RECEIVED', { ...payload, ...kept }, ids));
  } catch (error) {
    // What may be taken later, or has been taken by an earlier request of the same key, needs its files.
    if (asFault(error).status < 500 && !call.resumed) await files.remove(projectId);
    throw error;
  }
  return {
    status: 201,
    headers: { Location: `/api/projects/${projectId}` },
    body: {
      project_id: projectId,
      status: 'CREATED',
      message: 'Project accepted',
      rows: rowCount,
      ...said,
    },
  };
}

/** Rows as they travel: themselves, or the file that they are written to. */
async function keep(
  files: ProjectFiles,
  projectId: string,
  artifactId: string,
  given: ReadActivityFile['kept'] | undefined,
): Promise<KeptRows | undefined> {
  if (given === undefined) return undefined;
  if ('rows' in given) return files.keepRows(projectId, artifactId, given.rows);
  return { rows_ref: await files.writePacked(projectId, artifactId, given.packed) };
}

/** The rate of the request; else the mean of the file's rates, weighted by time. */
function rateOf(body: GivenProject, read: ReadActivityFile | undefined): { hourly_rate?: number } {
  if (body.hourly_rate !== undefined) return { hourly_rate: body.hourly_rate };
  return read?.hourlyRate === null || read === undefined ? {} : { hourly_rate: read.hourlyRate };
}

async function readFileOf(
  activities: Pick<ActivityReader, 'read'>,
  { filename, path }: StoredUpload,
  options: Pick<ActivityJob, 'mapping' | 'maxRows' | 'hasRate'>,
): Promise<ReadActivityFile> {
  const read = await activities.read({ filename, bytes: await readFile(path), pack: false, ...options });
  if (read.ok) return read;
  const [first] = read.errors;
  if (read.status === 413) throw tooLarge(first?.message ?? 'The file is too large.');
  if (read.status === 415) {
    throw new Fault('UNSUPPORTED_MEDIA_TYPE', first?.message ?? 'The file is of a type that is not read.');
  }
  throw invalid('The file cannot be read as activities.', read.errors);
}
