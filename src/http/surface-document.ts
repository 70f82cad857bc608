/** The OpenAPI document of a surface, made when it is first asked for, with the schemas of the bus that it refers to. */
import { loadSchemas } from '../../schemas/load.ts';
import { type OpenApiInfo, openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';

/** @param routes all of the surface, which may hold the one that shows the document */
export function documentOf(routes: () => readonly Route[], info: OpenApiInfo, schemaDir: string): () => object {
  let document: object | undefined;
  return () => {
    if (document) return document;
    const { envelope, objects } = loadSchemas(schemaDir);
    const named = new Map([[envelope.name, envelope], ...objects]);
    document = openApiDocument(routes(), info, (name) => named.get(name)?.schema ?? {});
    return document;
  };
}
