/** What a wire says of a body that it refuses. */
import { expect } from 'vitest';
import { Fault } from '../../src/errors.ts';
import type { ClientWire } from '../../src/llm/wires/wire.ts';

export const PNG = 'iVBORw0KGgo=';
export const user = { role: 'user', content: 'What is the capital of France?' };

/** Messages by place; none if the body is taken. */
export function violations(wire: ClientWire, body: unknown): Record<string, string> {
  try {
    wire.read(body);
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    const { code, details = {} } = error as Fault;
    expect(code).toBe('VALIDATION_ERROR');
    const errors = details.errors as { path: string; message: string }[];
    return Object.fromEntries(errors.map(({ path, message }) => [path, message]));
  }
  return {};
}

/** The places alone. */
export const wrong = (wire: ClientWire, body: unknown) => Object.keys(violations(wire, body)).sort();
