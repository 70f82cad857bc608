/**
 * A project's report as a file for people.
 *
 * Owns: the route. A project that goes on gives what is there so far, marked as preliminary; 409 while there is nothing.
 */
import { REPORT_FORMATS, type ReportFormat, reportFile } from '../../report/report-file.ts';
import { reportModel } from '../../report/report-model.ts';
import { reportSources } from '../../store/project-reports.ts';
import type { Projects } from '../../store/projects.ts';
import { attachmentHeader, inlineHeader } from '../content-disposition.ts';
import { conflict } from '../errors.ts';
import { type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';
import { headOf } from './projects.ts';

/** The page is one file with its own style; it may load nothing, run nothing and send nothing. */
const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function projectReportRoute(projects: Projects): Route {
  return route<{ format?: ReportFormat }>({
    method: 'GET',
    path: '/api/projects/:id/report',
    access: 'projects:read',
    tag: 'Projects',
    summary: 'The report as a file for people',
    query: { format: { description: '`html` by default.', schema: shape.oneOf(REPORT_FORMATS) } },
    responses: {
      200: {
        description: 'A page, a CSV in long form or a workbook; preliminary until the project is final',
        contentType: 'text/html',
        headers: { 'Content-Disposition': 'Name of the file: `inline` for HTML, else `attachment`' },
      },
    },
    errors: [400, 404, 409],
    async handler({ params: { id = '' }, query: { format = 'html' } }) {
      const head = await headOf(projects, id);
      const sources = await reportSources(projects.state, id, head);
      if (!sources) throw conflict('Nothing is delivered yet that a report could be made of.', head.status);
      const { filename, contentType, bytes } = reportFile(reportModel(sources), format);
      return new Response(bytes, {
        headers: {
          'Content-Type': contentType,
          'Content-Length': String(bytes.length),
          'Content-Disposition': format === 'html' ? inlineHeader(filename) : attachmentHeader(filename),
          'Content-Security-Policy': REPORT_POLICY,
        },
      });
    },
  });
}
