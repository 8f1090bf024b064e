using System.CommandLine;
using System.Runtime.InteropServices;
using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Documents;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Commands;

internal static class ServeCommand
{
    private static PosixSignalRegistration? _repeatedStops; // for the rest of the process's life

    public static Command Create()
    {
        var command = new Command("serve", "Run a node: take jobs, work, answer HTTP until it is stopped");
        command.SetAction(async (_, cancellation) =>
        {
            var builder = OrchestratorHost.CreateBuilder([]);
            builder.AddNode();
            await using var app = builder.Build();
            // What is held against each other only here is told like every other setting: before the schema is touched, and without the host's own words.
            app.Services.GetService<DeliveryPipeline>();
            app.Services.GetService<WebhookDoor>();
            await AwsCredentials.FindAsync(app.Services.GetRequiredService<BusOptions>(), app.Services.GetRequiredService<DocumentsOptions>(), TimeProvider.System, cancellation);
            if (app.Services.GetRequiredService<DatabaseOptions>().MigrateAtStart)
                await Migrator.ApplyAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), cancellationToken: cancellation);
            app.MapOrchestrator();
            IgnoreRepeatedStops(app.Lifetime);
            await app.RunAsync(cancellation);
            return 0;
        });
        return command;
    }

    // Supervisors say SIGTERM again. Once the host has let go of its signals that would kill the process, whose orderly end would look like a crash.
    private static void IgnoreRepeatedStops(IHostApplicationLifetime lifetime) =>
        _repeatedStops = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel |= lifetime.ApplicationStopping.IsCancellationRequested);
}
