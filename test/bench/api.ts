/** A client of the project API that keeps its connections, as cheap as it can be: it shares the machine. */
import { Agent, request } from 'node:http';
import { ANALYSIS_BODY } from './requests.ts';

const { request_text: description, ...ANALYSIS } = ANALYSIS_BODY;
const BODY = Buffer.from(JSON.stringify({ name: 'Bench', description, ...ANALYSIS }));

export class Api {
  readonly #url: URL;
  readonly #agent: Agent;

  /** @param connections requests under way at a time. */
  constructor(baseUrl: string, connections: number) {
    this.#url = new URL('/api/projects', baseUrl);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Posts one analysis project; resolves with its id once it is accepted. */
  post(): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': BODY.length };
      const sent = request(this.#url, { agent: this.#agent, method: 'POST', headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 201) resolve((JSON.parse(text) as { project_id: string }).project_id);
          else reject(new Error(`POST /api/projects answers ${response.statusCode}: ${text}`));
        });
      });
      sent.on('error', reject);
      sent.end(BODY);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
