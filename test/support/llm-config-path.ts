/** LLM settings for tests of what lies above the gateway. */
import { fileURLToPath } from 'node:url';

export const LLM_CONFIG = fileURLToPath(new URL('../fixtures/llm_config.yaml', import.meta.url));
