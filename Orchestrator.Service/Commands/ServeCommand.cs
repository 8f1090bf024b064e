using System.CommandLine;
using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Commands;

internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Run a node: take jobs, work, answer HTTP until it is stopped");
        command.SetAction(async (_, cancellation) =>
        {
            var builder = OrchestratorHost.CreateBuilder([]);
            builder.AddNode();
            await using var app = builder.Build();
            if (app.Services.GetRequiredService<DatabaseOptions>().MigrateAtStart)
                await Migrator.ApplyAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), cancellationToken: cancellation);
            app.MapOrchestrator();
            await app.RunAsync(cancellation);
            return 0;
        });
        return command;
    }
}
