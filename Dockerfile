# Two images: "service" (a node, and the program's other verbs) and "emulator" (SQS, SNS and S3 for trying out).

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /source
COPY . .
RUN dotnet publish Orchestrator.Service -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS service
# The document workers call qpdf and poppler's programs, delivery calls git and ssh; nothing else is needed beside the runtime.
RUN apt-get update \
    && apt-get install -y --no-install-recommends qpdf poppler-utils git openssh-client \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /app
COPY --chmod=755 scripts/healthy /app/healthy
USER $APP_UID
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/app/healthy"]
ENTRYPOINT ["dotnet", "/app/Orchestrator.Service.dll"]

FROM node:22-slim AS emulator
WORKDIR /emulator
COPY Orchestrator.Local/emulator/package.json Orchestrator.Local/emulator/package-lock.json ./
# The image has its own Node: the optional packages bring another.
RUN npm ci --ignore-scripts --omit=optional --no-audit --no-fund && install -d -o node /data
COPY Orchestrator.Local/emulator/launcher.mjs ./
USER node
HEALTHCHECK --interval=10s --timeout=5s CMD ["node", "-e", "fetch('http://127.0.0.1:4566/health').then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "launcher.mjs", "4566", "/data"]
