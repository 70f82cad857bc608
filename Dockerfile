# syntax=docker/dockerfile:1
FROM node:26.10.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are Node itself for machines without it; the image has it.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:26.10.0-bookworm-slim
WORKDIR /app
# Code belongs to root, so the process cannot change it; only /data is its own.
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY schemas ./schemas
COPY machines ./machines
COPY actors ./actors
COPY config ./config
COPY src ./src
RUN install -d -o 10001 -g 10001 -m 0700 /data

# HOST=0.0.0.0 makes start-up refuse to go on without API_KEYS. There is no Redis in the image: set REDIS_URL.
ENV NODE_ENV=production HOST=0.0.0.0 STORAGE_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 3000 8000 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.API_PORT || 3000}/health/ready`).then((response) => process.exit(response.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
